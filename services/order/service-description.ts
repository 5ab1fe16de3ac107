import type { ServiceDescription } from '../../shared/saga/define/service-description.ts'
import type { Order } from './domain.ts'

/** What the table does not say of order. */
export const description: ServiceDescription<Order> = {
  states: {
    none: { means: 'nobody asked for it', next: { 'order.submitted': 'placed' } },
    placed: {
      means: 'it is under way',
      next: {
        'order.confirmed': 'confirmed',
        'order.rejected': 'rejected',
        'order.cancelled': 'cancelled',
      },
    },
    confirmed: { means: 'paid and shipped' },
    rejected: { means: 'it could not be served, and nothing of it is kept' },
    cancelled: { means: 'it was undone, and nothing of it is kept' },
  },
  stores: {
    orders:
      'one order: what was submitted, what was heard of the others, how it ended, and when to look whether it is late',
  },
  promises: ['I3', 'I6', 'I7', 'I10', 'I26', 'I27', 'I28'],
}
