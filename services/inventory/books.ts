import type { Books } from '../../shared/contract/door-answers.ts'
import type { Sku } from '../../shared/contract/ids.ts'
import type { StockStore } from '../../shared/persistence/stock.ts'

/** The books of the SKU over all its lots, or undefined when it is not kept. */
export const stockOf = async (store: StockStore, sku: Sku): Promise<Books | undefined> => {
  const lots = await store.lots(sku)
  const sum = (field: Exclude<keyof Books, 'sku'>) => lots.reduce((total, lot) => total + lot[field], 0)
  if (lots.length === 0) return undefined
  return {
    ...{ sku, initial: sum('initial'), restocked: sum('restocked') },
    ...{ onHand: sum('onHand'), held: sum('held'), shipped: sum('shipped') },
  }
}
