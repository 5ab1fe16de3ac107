/** One charge. `key` is the idempotency key, `amount` is in cents, and `token` is sensitive. */
export type Charge = { key: string; orderId: string; amount: number; token: string }

/** One refund of (part of) what was charged for the order. `amount` is in cents. */
export type Refund = { key: string; orderId: string; amount: number }

export type ChargeAnswer = { outcome: 'captured' } | { outcome: 'declined'; reason: string }
export type RefundAnswer = { outcome: 'refunded' }

/**
 * The payment provider as this service sees it. The first answer to a key is final: asking again with the same key
 * has no further effect and gets the same answer. Everything else is an error: `provider-unavailable` leaves the
 * outcome unknown, `provider-protocol` means that the two sides disagree about the contract.
 */
export type PaymentProvider = {
  charge(call: Charge): Promise<ChargeAnswer>
  refund(call: Refund): Promise<RefundAnswer>
}
