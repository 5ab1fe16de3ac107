import type { Books } from '../../shared/contract/door-answers.ts'
import type { Sku } from '../../shared/contract/ids.ts'
import { type StockStore, totalsOf } from '../../shared/persistence/stock.ts'

/** The books of the SKU over all its lots, or undefined when it is not kept. */
export const stockOf = async (store: StockStore, sku: Sku): Promise<Books | undefined> => {
  const lots = await store.lots(sku)
  return lots.length === 0 ? undefined : { sku, ...totalsOf(lots) }
}
