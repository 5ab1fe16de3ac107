import { z } from 'zod'
import { variable, whole } from '../../shared/runtime/configuration/variable.ts'
import { healthPort, reacting } from '../../shared/runtime/variables.ts'
import { privatePortOf } from '../registry.ts'

/** Inventory: the stock that a new database begins with. */
export const configuration = z.object({
  ...reacting,
  ...healthPort(privatePortOf('inventory')),
  CHOREO_STOCK_UNITS: variable(whole(0, 1_000_000_000).default(1_000), {
    description: 'Units of each SKU that a new database begins with.',
    expected: 'a whole number from 0 to 1000000000',
  }),
})
