import type { Sku } from '../../contract/ids.ts'
import type { StockTotals } from '../../private-calls/stock.ts'
import { type StockStore, totalsOf } from './store.ts'

/** The stock totals of the SKU over all its lots, or undefined when it is not kept. */
export const stockOf = async (store: StockStore, sku: Sku): Promise<StockTotals | undefined> => {
  const lots = await store.lots(sku)
  return lots.length === 0 ? undefined : { sku, ...totalsOf(lots) }
}
