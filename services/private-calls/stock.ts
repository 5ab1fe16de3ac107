import { z } from 'zod'
import { Sku } from '../contract/ids.ts'

// What inventory answers about stock on its private port. Inventory keeps to it, and the public API reads by
// it.

const count = z.int().min(0)

/** The stock totals of one SKU: on hand + held + shipped = initial + restocked. */
export const StockTotals = z.object({
  sku: Sku,
  initial: count,
  restocked: count,
  onHand: count,
  held: count,
  shipped: count,
})
export type StockTotals = z.input<typeof StockTotals>

/** How many units one restock may add. */
export const RestockUnits = z.int().min(1).max(1_000_000)

/** Units to be added to the stock, once for each id: the id is the same for the same wish. */
export const RestockCommand = z.strictObject({
  id: z.string().regex(/^rst_[0-9a-v]{26}$/),
  units: RestockUnits,
})
export type RestockCommand = z.output<typeof RestockCommand>

/** What became of a restock. */
export const RestockAnswer = z.union([
  z.object({ outcome: z.literal('added'), stock: StockTotals }),
  z.object({ outcome: z.literal('unknown-sku') }),
  z.object({ outcome: z.literal('key-reused') }),
])
export type RestockAnswer = z.output<typeof RestockAnswer>
