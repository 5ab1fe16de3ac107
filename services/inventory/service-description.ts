import type { ServiceDescription } from '../../shared/saga/define/service-description.ts'
import type { Reservation } from './domain.ts'
import { stockEndpoints } from './stock/routes.ts'

/** What the table does not say of inventory. */
export const description: ServiceDescription<Reservation> = {
  states: {
    none: {
      means: 'nothing is held',
      next: { 'inventory.reserved': 'held', 'inventory.rejected': 'closed', 'inventory.released': 'closed' },
    },
    held: {
      means: 'all lines are held',
      next: { 'inventory.released': 'closed', 'inventory.consumed': 'closed' },
    },
    closed: { means: 'rejected, released or consumed: nothing is held, and nothing will be any more' },
  },
  stores: {
    orders: 'the reservation of one order, with the token that fences its attempts',
    lots: 'units of one SKU, with their open holds by order',
    restocks: 'one restock: which lot gets how many units, and how far that is done',
  },
  endpoints: stockEndpoints,
  promises: ['I4', 'I5', 'I9'],
}
