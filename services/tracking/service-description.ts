import type { ServiceDescription } from '../../shared/saga/define/service-description.ts'
import { trackingEndpoints } from './api/routes.ts'

/** What tracking says of itself; it has no table, for it decides nothing. */
export const description: ServiceDescription = {
  stores: {
    'orders_<generation>':
      'the story of one order: its entries (facts without what is sensitive, and notices) and what follows from them',
    register:
      'its place in the journal (`position_<generation>`), and which generation answers (`generations`)',
  },
  endpoints: trackingEndpoints,
  promises: ['I24', 'I29', 'I30', 'I31', 'I32', 'I33', 'I34'],
}
