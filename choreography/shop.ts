import { shop } from '../services/contract/shop.ts'
import { reactingServices } from '../services/reacting-services.ts'
import { flowOf } from './flow.ts'

/** The flow of the shop, as its reaction tables and its contract declare it. */
export const shopFlow = flowOf(shop, reactingServices)
