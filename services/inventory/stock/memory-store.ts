import { frozen } from '../../../shared/storage/memory/frozen.ts'
import type { Keep } from '../../../shared/storage/memory/store.ts'
import type { Sku } from '../../contract/ids.ts'
import { applyLotChange, type Lot, lotKey, type StockStore } from './store.ts'

/** Lots in this process, under exactly the promises of `StockStore`; `all` shows them in order. */
export const memoryStockStore = ({
  keep = frozen,
}: {
  keep?: Keep
} = {}): StockStore & { all(): readonly Lot[] } => {
  const lots = new Map<string, Lot>()
  const all = () => [...lots].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, lot]) => lot)
  const bySku = new Map<Sku, Set<string>>()
  const put = (next: Lot): 'committed' => {
    const key = lotKey(next)
    lots.set(key, keep(next))
    bySku.set(next.sku, (bySku.get(next.sku) ?? new Set()).add(key))
    return 'committed'
  }
  const lotsOf = (sku: Sku) => [...(bySku.get(sku) ?? [])].flatMap(key => lots.get(key) ?? [])
  return {
    lots: async sku => lotsOf(sku).sort((a, b) => a.lot - b.lot),
    lot: async name => lots.get(lotKey(name)),
    held: async sku => lotsOf(sku).filter(({ held }) => held > 0),
    commit: async (lot, change) => {
      const known = lots.get(lotKey(lot))
      return known?.version === lot.version ? put(applyLotChange(known, change)) : 'conflict'
    },
    add: async lot => (lots.has(lotKey(lot)) ? 'conflict' : put(lot)),
    holding: async ({ after, limit }) =>
      all()
        .filter(lot => lot.held > 0 && (!after || lotKey(lot) > lotKey(after)))
        .slice(0, limit),
    all,
  }
}
