import { z } from 'zod'
import { text } from '../../shared/contract/text.ts'
import { type JsonServiceOptions, jsonService } from '../../shared/runtime/http/json-client.ts'
import type { ChargeAnswer as Answer } from './domain.ts'

/** One charge. `key` is the idempotency key, `amount` is in cents, and `token` is sensitive. */
export type Charge = { key: string; orderId: string; amount: number; token: string }

/** One refund of (part of) what was charged for the order. `amount` is in cents. */
export type Refund = { key: string; orderId: string; amount: number }

export const ChargeAnswer: z.ZodType<Answer> = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('captured') }),
  z.object({ outcome: z.literal('declined'), reason: text(100) }),
])
export type ChargeAnswer = Answer

export const RefundAnswer = z.object({ outcome: z.literal('refunded') })
export type RefundAnswer = z.output<typeof RefundAnswer>

/**
 * The payment provider as this service sees it. The first answer to a key is final: asking again with the
 * same key has no further effect and gets the same answer. Everything else is an error:
 * `provider-unavailable` leaves the outcome unknown, `provider-protocol` means that the two sides disagree
 * about the contract.
 */
export type PaymentProvider = {
  charge(call: Charge): Promise<ChargeAnswer>
  refund(call: Refund): Promise<RefundAnswer>
}

/**
 * The payment provider behind the HTTP API at `url`. A call fails with `provider-unavailable` when it has no
 * answer `timeoutMs` after its request went out; `close`, for the end of a drain, fails the open ones with
 * `draining`.
 */
export const httpPaymentProvider = (
  options: Omit<JsonServiceOptions, 'who'>,
): PaymentProvider & { close(): void } => {
  const provider = jsonService({ ...options, who: 'the payment provider' })
  return {
    charge: ({ key, orderId, amount, token }) =>
      provider.post('charges', { key, orderId, amount, token }, ChargeAnswer),
    refund: ({ key, orderId, amount }) => provider.post('refunds', { key, orderId, amount }, RefundAnswer),
    close: provider.close,
  }
}
