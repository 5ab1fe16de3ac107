import type { ServiceDescription } from '../../shared/saga/define/service-description.ts'
import type { Shipment } from './domain.ts'

/** What the table does not say of shipping. */
export const description: ServiceDescription<Shipment> = {
  states: {
    none: {
      means: 'nothing is decided',
      next: { 'shipment.scheduled': 'scheduled', 'shipment.refused': 'closed', 'shipment.closed': 'closed' },
    },
    scheduled: { means: 'the parcel goes: the saga only goes forward' },
    closed: { means: 'no parcel will ever go' },
  },
  stores: { orders: 'the shipment of one order, and the call to the carrier while it is open' },
  promises: ['I8', 'I15'],
}
