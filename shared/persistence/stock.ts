import type { OrderId, Sku } from '../contract/ids.ts'

/** A part of the stock of one SKU, small enough that its open holds fit in one document. */
export type Lot = {
  readonly sku: Sku
  /** 0, 1, 2 … within the SKU. */
  readonly lot: number
  /** Counts the writes; every write names the version that it read. */
  readonly version: number
  readonly initial: number
  readonly restocked: number
  readonly onHand: number
  readonly held: number
  readonly shipped: number
  /** Open holds by order. `at` (ms) is when it was taken or last raised. */
  readonly holds: Readonly<Record<OrderId, Hold>>
  /** Units that a restock which is not finished has added here, by its id. */
  readonly restocks?: Readonly<Record<string, number>>
}

/** `token` is the one in the order's document when the hold was taken: it fences whoever is stale. */
export type Hold = { readonly quantity: number; readonly token: number; readonly at: number }

/** The new numbers of a lot, and the holds that changed: set, or removed with `null`. Orders that change it at once share a write. */
export type LotChange = {
  readonly restocked?: number
  readonly onHand: number
  readonly held: number
  readonly shipped: number
  readonly holds: Readonly<Record<OrderId, Hold | null>>
  readonly restocks?: Readonly<Record<string, number | null>>
}

/** Where inventory keeps its stock. The same words as for `Store`: `store-unavailable` means unknown, calls share round trips. */
export type StockStore = {
  /** Every lot of the SKU in order, as a majority holds it; empty for a SKU that is not kept. */
  lots(sku: Sku): Promise<readonly Lot[]>
  /** One atomic, durable write on top of the version that was read. */
  commit(lot: Lot, change: LotChange): Promise<'committed' | 'conflict'>
  /** Adds a lot; `conflict` when there is one with its number. */
  add(lot: Lot): Promise<'committed' | 'conflict'>
  /** Lots that hold anything, in order after the given one, at most `limit`. */
  holding(page: { after?: Pick<Lot, 'sku' | 'lot'>; limit: number }): Promise<readonly Lot[]>
}

/** The lot after the change: what every store must hold once it has committed. */
export const applyLotChange = (lot: Lot, { holds, restocks, ...numbers }: LotChange): Lot => ({
  ...lot,
  ...numbers,
  version: lot.version + 1,
  holds: changed(lot.holds, holds),
  ...((lot.restocks || restocks) && { restocks: changed(lot.restocks ?? {}, restocks ?? {}) }),
})

/** The entries with these set, or removed with `null`. */
const changed = <T>(
  entries: Readonly<Record<string, T>>,
  changes: Readonly<Record<string, T | null>>,
): Record<string, T> => {
  const next = { ...entries }
  for (const [key, entry] of Object.entries(changes))
    if (entry === null) delete next[key]
    else next[key] = entry
  return next
}

/** The key of a lot. Keys sort by SKU, then by number, because `#` comes before every character of a SKU. */
export const lotKey = ({ sku, lot }: Pick<Lot, 'sku' | 'lot'>): string =>
  `${sku}#${String(lot).padStart(6, '0')}`

/** The numbers of some lots together. */
export const totalsOf = (lots: readonly Lot[]) => {
  const sum = (name: 'initial' | 'restocked' | 'onHand' | 'held' | 'shipped') =>
    lots.reduce((total, lot) => total + lot[name], 0)
  return {
    initial: sum('initial'),
    restocked: sum('restocked'),
    onHand: sum('onHand'),
    held: sum('held'),
    shipped: sum('shipped'),
  }
}
