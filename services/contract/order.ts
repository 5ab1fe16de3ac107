import { z } from 'zod'
import type { EventOf } from '../../shared/contract/event.ts'
import { text } from '../../shared/contract/text.ts'
import { defineEvent, defineNote } from './define.ts'
import { Address, linesOf, OrderLine, PaymentToken } from './fields.ts'
import { Cents } from './money.ts'

/** Why an order is to be cancelled: its customer asked, or its deadline passed. */
const CancelReason = z.enum(['customer', 'deadline'])

/** A customer's order is on record. Nothing has been promised yet. */
export const OrderPlaced = defineEvent(
  'order.placed',
  2, // v1 carried money as floats and no caller; upcasts.ts upcasts it
  z.strictObject({
    caller: text(100),
    customerId: text(100),
    lines: linesOf(OrderLine),
    total: Cents,
    paymentToken: PaymentToken,
    shipTo: Address,
  }),
)
export type OrderPlaced = EventOf<typeof OrderPlaced>

/** Somebody wants the order cancelled. Shipping decides whether it still can be. */
export const CancelRequested = defineEvent(
  'order.cancel-requested',
  1,
  z.strictObject({ reason: CancelReason }),
)
export type CancelRequested = EventOf<typeof CancelRequested>

/** The order ships; from here the saga only goes forward. */
export const OrderConfirmed = defineEvent(
  'order.confirmed',
  1,
  z.strictObject({ trackingNumber: text(100) }),
  {
    terminal: true,
  },
)
export type OrderConfirmed = EventOf<typeof OrderConfirmed>

/** The order could not be served, and nothing of it is kept: no hold, no money. */
export const OrderRejected = defineEvent(
  'order.rejected',
  1,
  z.strictObject({ reason: z.enum(['out-of-stock', 'payment-declined']) }),
  { terminal: true },
)
export type OrderRejected = EventOf<typeof OrderRejected>

/** The order was undone: every compensation was confirmed by the service that did it. */
export const OrderCancelled = defineEvent(
  'order.cancelled',
  1,
  z.strictObject({ reason: z.enum(['cancel-requested', 'shipment-refused']) }),
  { terminal: true },
)
export type OrderCancelled = EventOf<typeof OrderCancelled>

/** What came over HTTP: a digest of the request, and when the order gives up waiting (ms since the epoch). */
export const OrderSubmitted = defineNote(
  'order.submitted',
  1,
  z.strictObject({ fingerprint: z.string().length(64), deadline: z.int().min(0) }),
)

/** A fact of another service that the end of the order depends on. */
export const OrderNoted = defineNote(
  'order.noted',
  1,
  z.strictObject({
    fact: z.enum([
      'payment.declined',
      'payment.refunded',
      'payment.voided',
      'shipment.refused',
      'inventory.released',
      'inventory.consumed',
    ]),
    /** Of a refused shipment: who refused it. */
    refusal: z.enum(['carrier', 'cancelled']).optional(),
  }),
)

/**
 * The order is late, and every event of its own was sent again; `again` is when to look next (ms since
 * the epoch).
 */
export const OrderNudged = defineNote('order.nudged', 1, z.strictObject({ again: z.int().min(0) }))
