import type { Sku } from '../../services/contract/ids.ts'
import type { StockStore } from '../../services/inventory/stock/store.ts'
import { emptyLot } from '../../services/inventory/stock/supply.ts'

/**
 * Puts a SKU in stock in lots of at most `lotSize` units, as versions before the unbounded lot did, lot 0
 * last.
 */
export const inLots = async (
  store: StockStore,
  { sku, units, lotSize }: { sku: Sku; units: number; lotSize: number },
): Promise<void> => {
  const count = Math.max(1, Math.ceil(units / lotSize))
  const sizes = Array.from({ length: count }, (_, lot) => Math.min(lotSize, units - lot * lotSize))
  for (const [lot, initial] of [...sizes.entries()].reverse())
    await store.add({ ...emptyLot({ sku, lot }), initial, onHand: initial })
}
