import { z } from 'zod'
import type { EventOf } from '../../shared/contract/event.ts'
import { text } from '../../shared/contract/text.ts'
import { RecordedResolution } from '../../shared/saga/define/manual-answer.ts'
import { defineEvent, defineNote } from './define.ts'
import { Address } from './fields.ts'
import { Cents } from './money.ts'

/** The order is paid. Carries the address for shipping. */
export const PaymentCaptured = defineEvent(
  'payment.captured',
  1,
  z.strictObject({ amount: Cents, shipTo: Address }),
)
export type PaymentCaptured = EventOf<typeof PaymentCaptured>

/** The provider said no, for good. */
export const PaymentDeclined = defineEvent('payment.declined', 1, z.strictObject({ reason: text(100) }))
export type PaymentDeclined = EventOf<typeof PaymentDeclined>

/** What was charged has been given back. */
export const PaymentRefunded = defineEvent('payment.refunded', 1, z.strictObject({ amount: Cents }))
export type PaymentRefunded = EventOf<typeof PaymentRefunded>

/** Nothing was charged, and nothing will be. */
export const PaymentVoided = defineEvent('payment.voided', 1, z.strictObject({}))
export type PaymentVoided = EventOf<typeof PaymentVoided>

/** An operator's decision on a refund that the provider refuses for good, and the cents that it says were given back. */
export const PaymentResolved = defineNote('payment.resolved', 1, RecordedResolution)
export type PaymentResolved = EventOf<typeof PaymentResolved>
