import { z } from 'zod'
import type { EventOf } from '../../shared/contract/event.ts'
import { text } from '../../shared/contract/text.ts'
import { defineEvent, defineNote } from './define.ts'

/** The pivot: the parcel will go. Nothing undoes the order any more. */
export const ShipmentScheduled = defineEvent(
  'shipment.scheduled',
  1,
  z.strictObject({ trackingNumber: text(100) }),
)
export type ShipmentScheduled = EventOf<typeof ShipmentScheduled>

/** The parcel will never go: the carrier refused it, or a cancel came first. */
export const ShipmentRefused = defineEvent(
  'shipment.refused',
  1,
  z.strictObject({ reason: z.enum(['carrier', 'cancelled']), detail: text(100).optional() }),
)
export type ShipmentRefused = EventOf<typeof ShipmentRefused>

/** The order ended before anything was to be shipped: a later cancel has nothing to decide. */
export const ShipmentClosed = defineNote(
  'shipment.closed',
  1,
  z.strictObject({ because: z.enum(['inventory.rejected', 'payment.declined']) }),
)
