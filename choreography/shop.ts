import { shop } from '../services/contract/shop.ts'
import { rules } from '../services/rules.ts'
import { flowOf } from './flow.ts'

/** The flow of the shop, as its reaction tables and its contract declare it. */
export const shopFlow = flowOf(shop, rules)
