import type { Fact } from '../../shared/contract/event.ts'
import { accept, call, ignore } from '../../shared/saga/define/decision.ts'
import type { ManualAnswers } from '../../shared/saga/define/manual-answer.ts'
import type { Address } from '../contract/fields.ts'
import type { InventoryReserved } from '../contract/inventory.ts'
import type { Cents } from '../contract/money.ts'
import { PaymentCaptured, PaymentDeclined, PaymentRefunded, PaymentVoided } from '../contract/payment.ts'
import type { ShipmentRefused } from '../contract/shipping.ts'

/** What was paid for an order: nothing yet, its total, or never anything again. */
export type Payment =
  | { readonly status: 'none' }
  | { readonly status: 'captured'; readonly amount: Cents }
  | { readonly status: 'closed'; readonly because: 'declined' | 'voided' | 'refunded' }

/** What is asked of the payment provider. A charge carries along what shipping needs to know. */
export type PaymentCall =
  | { readonly kind: 'charge'; readonly amount: Cents; readonly token: string; readonly shipTo: Address }
  | { readonly kind: 'refund'; readonly amount: Cents }

export type ChargeAnswer =
  | { readonly outcome: 'captured' }
  | { readonly outcome: 'declined'; readonly reason: string }

/** Charges once; the provider knows the call by its key. */
export const chargeOrder = (payment: Payment, { data }: InventoryReserved) =>
  payment.status === 'none'
    ? call<PaymentCall>({ kind: 'charge', amount: data.total, token: data.paymentToken, shipTo: data.shipTo })
    : ignore(`the payment is ${payment.status}`)

export const concludeCharge = (
  _: Payment,
  { amount, shipTo }: PaymentCall & { kind: 'charge' },
  answer: ChargeAnswer,
) =>
  answer.outcome === 'captured'
    ? accept(PaymentCaptured({ amount, shipTo }))
    : accept(PaymentDeclined({ reason: answer.reason }))

/** Gives the money back, or makes sure that none is ever taken. */
export const undoPayment = (payment: Payment, _: ShipmentRefused) => {
  switch (payment.status) {
    case 'captured':
      return call<PaymentCall>({ kind: 'refund', amount: payment.amount })
    case 'none':
      return accept(PaymentVoided({}))
    case 'closed':
      return ignore(`the payment is ${payment.because} already`)
  }
}

export const concludeRefund = (_: Payment, { amount }: PaymentCall & { kind: 'refund' }) =>
  accept(PaymentRefunded({ amount }))

/**
 * A refund may be made by other means and then be answered by hand. A charge may not: whether money was taken
 * is known to the provider alone.
 */
export const refundByHand = (request: unknown): ManualAnswers | undefined => {
  const { kind, amount } = request as PaymentCall
  return kind === 'refund' ? { answers: { refunded: { outcome: 'refunded' } }, amount } : undefined
}

type PaymentFact = PaymentCaptured | PaymentDeclined | PaymentRefunded | PaymentVoided

/** The payment after a fact of its own. */
export const evolve = (payment: Payment, given: Fact): Payment => {
  const fact = given as PaymentFact
  switch (fact.type) {
    case 'payment.captured':
      return { status: 'captured', amount: fact.data.amount }
    case 'payment.declined':
      return { status: 'closed', because: 'declined' }
    case 'payment.refunded':
      return { status: 'closed', because: 'refunded' }
    case 'payment.voided':
      return { status: 'closed', because: 'voided' }
    default:
      return payment
  }
}
