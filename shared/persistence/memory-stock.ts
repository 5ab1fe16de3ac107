import { frozen } from './frozen.ts'
import type { Keep } from './memory.ts'
import { applyLotChange, type Lot, lotKey, type StockStore } from './stock.ts'

/** Lots in this process, under exactly the promises of `StockStore`; `all` shows them in order. */
export const memoryStockStore = ({
  keep = frozen,
}: {
  keep?: Keep
} = {}): StockStore & { all(): readonly Lot[] } => {
  const lots = new Map<string, Lot>()
  const all = () => [...lots].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, lot]) => lot)
  const put = (version: number, next: Lot): 'committed' | 'conflict' => {
    const key = lotKey(next)
    if ((lots.get(key)?.version ?? 0) !== version) return 'conflict'
    lots.set(key, keep(next))
    return 'committed'
  }
  return {
    lots: async sku => [...lots.values()].filter(lot => lot.sku === sku).sort((a, b) => a.lot - b.lot),
    commit: async (lot, change) => put(lot.version, applyLotChange(lot, change)),
    add: async lot => put(0, lot),
    holding: async ({ after, limit }) =>
      all()
        .filter(lot => lot.held > 0 && (!after || lotKey(lot) > lotKey(after)))
        .slice(0, limit),
    all,
  }
}
