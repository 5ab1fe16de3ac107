import type { Sku } from '../../shared/contract/ids.ts'
import type { Lot, StockStore } from '../../shared/persistence/stock.ts'

/** The books of one SKU over all its lots: on hand + held + shipped = initial + restocked. */
export type Books = Pick<Lot, 'sku' | 'initial' | 'restocked' | 'onHand' | 'held' | 'shipped'>

/** The books of the SKU, or undefined when it is not kept. */
export const stockOf = async (store: StockStore, sku: Sku): Promise<Books | undefined> => {
  const lots = await store.lots(sku)
  const sum = (field: 'initial' | 'restocked' | 'onHand' | 'held' | 'shipped') =>
    lots.reduce((total, lot) => total + lot[field], 0)
  if (lots.length === 0) return undefined
  return {
    ...{ sku, initial: sum('initial'), restocked: sum('restocked') },
    ...{ onHand: sum('onHand'), held: sum('held'), shipped: sum('shipped') },
  }
}
