import { on, type Reaction } from '../../shared/saga/define/reaction.ts'
import { noCalls, type Perform, type Service } from '../../shared/saga/define/service.ts'
import { InventoryReserved } from '../contract/inventory.ts'
import { PaymentResolved } from '../contract/payment.ts'
import { ShipmentRefused } from '../contract/shipping.ts'
import { type EventType, shop } from '../contract/shop.ts'
import {
  chargeOrder,
  concludeCharge,
  concludeRefund,
  evolve,
  type Payment,
  refundByHand,
  undoPayment,
} from './domain.ts'

export const reactions: readonly Reaction<Payment, EventType>[] = [
  on(InventoryReserved, {
    decide: chargeOrder,
    conclude: concludeCharge,
    emits: { 'payment.captured': 'forward', 'payment.declined': 'refusal' },
    within: '10s',
    opens: true,
  }),
  on(ShipmentRefused, {
    decide: undoPayment,
    conclude: concludeRefund,
    emits: { 'payment.refunded': 'undoes payment.captured', 'payment.voided': 'undoes payment.captured' },
    within: '10s',
  }),
]

/** The payment service: at most one charge and one refund per order. `patience` in ms. */
export const paymentService = (perform: Perform, patience: number): Service<Payment> => ({
  saga: shop,
  name: 'payment',
  initial: { status: 'none' },
  evolve,
  reactions,
  perform,
  patience,
  byHand: { answersTo: refundByHand, note: PaymentResolved },
})

/** Payment by its rules alone: its calls reach nobody. */
export const rules = paymentService(noCalls, 0)
