import type { OrderId, Sku } from '../../contract/ids.ts'

/**
 * A part of the stock of one SKU: any number of units, and so few open holds that they fit in one document.
 */
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
  /** Units that left this lot, until they are in the other one. Neither lot counts them meanwhile. */
  readonly moves?: Readonly<Record<MoveId, Move>>
  /** Which lot the units of a move came from, until that lot has forgotten the move. */
  readonly receipts?: Readonly<Record<MoveId, number>>
}

/** Names a move within its SKU, once and for all: the lot that it leaves, and the version of that lot. */
export type MoveId = `${number}v${number}`

/**
 * Units on their way to the lot with the number `to`, always a larger one, and how they had come to be in
 * stock.
 */
export type Move = { readonly to: number; readonly initial: number; readonly restocked: number }

/** `token` is the one in the order's document when the hold was taken: it fences whoever is stale. */
export type Hold = { readonly quantity: number; readonly token: number; readonly at: number }

/**
 * The new numbers of a lot, and the holds that changed: set, or removed with `null`. Orders that change it at
 * once share a write.
 */
export type LotChange = {
  readonly initial?: number
  readonly restocked?: number
  readonly onHand: number
  readonly held: number
  readonly shipped: number
  readonly holds: Readonly<Record<OrderId, Hold | null>>
  readonly restocks?: Readonly<Record<string, number | null>>
  readonly moves?: Readonly<Record<MoveId, Move | null>>
  readonly receipts?: Readonly<Record<MoveId, number | null>>
}

/** Names a lot. */
export type LotName = Pick<Lot, 'sku' | 'lot'>

/**
 * Where inventory keeps its stock. The same words as for `Store`: `store-unavailable` means unknown, calls
 * share round trips.
 */
export type StockStore = {
  /**
   * Every lot of the SKU as a majority holds it, read in ascending order: what moves to a larger number
   * meanwhile is seen on one side at least. Empty for a SKU that is not kept.
   */
  lots(sku: Sku): Promise<readonly Lot[]>
  /** One lot as a majority holds it. */
  lot(name: LotName): Promise<Lot | undefined>
  /** The lots of the SKU that hold anything, as a majority holds them. */
  held(sku: Sku): Promise<readonly Lot[]>
  /** One atomic, durable write on top of the version that was read. */
  commit(lot: LotName & Pick<Lot, 'version'>, change: LotChange): Promise<'committed' | 'conflict'>
  /** Adds a lot; `conflict` when there is one with its number. */
  add(lot: Lot): Promise<'committed' | 'conflict'>
  /** Lots that hold anything, in order after the given one, at most `limit`. */
  holding(page: { after?: LotName; limit: number }): Promise<readonly Lot[]>
}

/** The lot after the change: what every store must hold once it has committed. */
export const applyLotChange = (
  lot: Lot,
  { holds, restocks, moves, receipts, ...numbers }: LotChange,
): Lot => ({
  ...lot,
  ...numbers,
  version: lot.version + 1,
  holds: changed(lot.holds, holds),
  ...((lot.restocks || restocks) && { restocks: changed(lot.restocks ?? {}, restocks ?? {}) }),
  ...((lot.moves || moves) && { moves: changed(lot.moves ?? {}, moves ?? {}) }),
  ...((lot.receipts || receipts) && { receipts: changed(lot.receipts ?? {}, receipts ?? {}) }),
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
export const lotKey = ({ sku, lot }: LotName): string => `${sku}#${String(lot).padStart(6, '0')}`

/** A move between two lots of a SKU, by the lot that it leaves. */
export type OpenMove = LotName & { readonly id: MoveId; readonly to: number }

type Transit = OpenMove & { readonly move: Move }

/** The units of these lots that have left one and are not in the other yet. */
export const inTransit = (lots: readonly Lot[]): Transit[] =>
  lots.flatMap(({ sku, lot, moves = {} }) =>
    (Object.entries(moves) as [MoveId, Move][])
      .filter(([id, { to }]) => !lots.some(other => other.lot === to && other.receipts?.[id] !== undefined))
      .map(([id, move]) => ({ sku, lot, id, to: move.to, move })),
  )

/** The moves that left a note or a receipt in this lot. */
export const openMovesOf = ({ sku, lot, moves = {}, receipts = {} }: Lot): OpenMove[] => [
  ...(Object.entries(moves) as [MoveId, Move][]).map(([id, { to }]) => ({ sku, lot, id, to })),
  ...(Object.entries(receipts) as [MoveId, number][]).map(([id, from]) => ({ sku, lot: from, id, to: lot })),
]

/** The numbers of all lots of one SKU together; units between two of them are on hand. */
export const totalsOf = (lots: readonly Lot[]) => {
  const moved = inTransit(lots).map(({ move }) => move)
  const sum = (name: 'initial' | 'restocked' | 'onHand' | 'held' | 'shipped') =>
    lots.reduce((total, lot) => total + lot[name], 0)
  const [initial, restocked] = (['initial', 'restocked'] as const).map(name =>
    moved.reduce((total, move) => total + move[name], 0),
  ) as [number, number]
  return {
    initial: sum('initial') + initial,
    restocked: sum('restocked') + restocked,
    onHand: sum('onHand') + initial + restocked,
    held: sum('held'),
    shipped: sum('shipped'),
  }
}
