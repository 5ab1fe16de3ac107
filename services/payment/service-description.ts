import type { ServiceDescription } from '../../shared/saga/define/service-description.ts'
import type { Payment } from './domain.ts'

/** What the table does not say of payment. */
export const description: ServiceDescription<Payment> = {
  states: {
    none: {
      means: 'nothing is charged',
      next: { 'payment.captured': 'captured', 'payment.declined': 'closed', 'payment.voided': 'closed' },
    },
    captured: { means: 'the total is charged', next: { 'payment.refunded': 'closed' } },
    closed: { means: 'declined, voided or refunded: nothing is kept, and nothing will be charged any more' },
  },
  stores: { orders: 'the payment of one order, and the call to the provider while it is open' },
  promises: ['I1', 'I2', 'I9', 'I15'],
}
