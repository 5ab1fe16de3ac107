import type { OrderId, Sku } from '../../contract/ids.ts'
import type { HoldChange, LotView, ReadDepth, StockView } from './lot-rules.ts'
import type { Hold, Lot, LotChange } from './store.ts'

/**
 * A lot as this process last read or wrote it. It is changed in place: a copy would cost as much as all its
 * open holds.
 */
export type KnownLot = Omit<Lot, 'holds'> & {
  version: number
  onHand: number
  held: number
  shipped: number
  readonly holds: Map<OrderId, Hold>
  /** The holds that the round under way has changed. */
  readonly changed: Map<OrderId, Hold | null>
}

/** What this process knows of the stock of one SKU. Only the round under way may change it. */
export type LotCache = {
  readonly sku: Sku
  /** From how many open holds on a lot is full: another one is preferred. */
  readonly room: number
  readonly lots: Map<number, KnownLot>
  /** In which lots an order holds something. */
  readonly owned: Map<OrderId, readonly number[]>
  /** The lots that the round under way has changed. */
  readonly changed: Set<KnownLot>
  /** Lots that are known to be different from what is remembered. */
  readonly stale: Set<number>
  /** Whether every lot was read once. */
  complete: boolean
  /**
   * Where to look for units first; each process begins at a lot of its own choice, so that they meet less
   * often.
   */
  startAt: number
  current: KnownLot | undefined
  /** Whether every lot with units is full. */
  crowded: boolean
}

export const emptyLotCache = (sku: Sku, { room, startAt }: { room: number; startAt: number }): LotCache => ({
  ...{ sku, room, startAt, lots: new Map(), owned: new Map(), changed: new Set(), stale: new Set() },
  ...{ complete: false, current: undefined, crowded: false },
})

/** Whether a lot that was read is not what is remembered. */
export const isNew = ({ lots, stale }: LotCache, { lot, version }: Lot): boolean =>
  stale.has(lot) || lots.get(lot)?.version !== version

/** Remembers a lot as it was read. */
export const remember = (cache: LotCache, { holds, ...lot }: Lot): void => {
  const before = cache.lots.get(lot.lot)
  for (const orderId of before?.holds.keys() ?? []) disown(cache, orderId, lot.lot)
  const known = { ...lot, holds: new Map(Object.entries(holds) as [OrderId, Hold][]), changed: new Map() }
  for (const orderId of known.holds.keys()) own(cache, orderId, lot.lot)
  cache.lots.set(lot.lot, known)
  cache.stale.delete(lot.lot)
  if (cache.current === before) cache.current = undefined
}

const roomIn = ({ room }: LotCache, { holds }: KnownLot) => Math.max(0, room - holds.size)
const hasRoom = (cache: LotCache, lot: KnownLot) => roomIn(cache, lot) > 0

/** What an order sees from here, with what the round under way has changed so far. */
export const stockViewOf = (cache: LotCache, orderId: OrderId, depth: ReadDepth): StockView => {
  const owned = cache.owned.get(orderId) ?? []
  return { own: owned.flatMap(lot => viewOf(cache, orderId, lot)), others: () => others(cache, owned), depth }
}

const viewOf = ({ lots }: LotCache, orderId: OrderId, number: number): LotView[] => {
  const lot = lots.get(number)
  return lot ? [{ lot: number, onHand: lot.onHand, own: lot.holds.get(orderId) }] : []
}

/**
 * The lot that was used last comes first, then those with room, then any with units: nobody is sent away for
 * want of room.
 */
function* others(cache: LotCache, owned: readonly number[]): Generator<LotView> {
  const first = currentOf(cache)
  if (first && !owned.includes(first.lot)) yield unowned(first)
  const further = rotated(cache).filter(lot => lot !== first && lot.onHand > 0 && !owned.includes(lot.lot))
  for (const lot of further) if (hasRoom(cache, lot)) yield unowned(lot)
  for (const lot of further) if (!hasRoom(cache, lot)) yield unowned(lot)
}

const unowned = ({ lot, onHand }: KnownLot): LotView => ({ lot, onHand, own: undefined })

/** The lot to take from; it is looked for again when it is empty, or full while others are not. */
const currentOf = (cache: LotCache): KnownLot | undefined => {
  const { current, crowded } = cache
  if (current && current.onHand > 0 && (crowded || hasRoom(cache, current))) return current
  const stocked = [...cache.lots.values()].filter(({ onHand }) => onHand > 0)
  const free = stocked.filter(lot => hasRoom(cache, lot))
  cache.crowded = free.length === 0
  cache.current = cache.crowded ? leastFull(stocked) : free[cache.startAt % free.length]
  return cache.current
}

const leastFull = (lots: readonly KnownLot[]): KnownLot | undefined =>
  lots.reduce<KnownLot | undefined>(
    (least, lot) => (least && least.holds.size <= lot.holds.size ? least : lot),
    undefined,
  )

const rotated = ({ lots, startAt }: LotCache): KnownLot[] => {
  const all = [...lots.values()]
  const first = startAt % Math.max(1, all.length)
  return [...all.slice(first), ...all.slice(0, first)]
}

/**
 * Puts a verdict's entry about an order into what is remembered; it is to be written, or else to be read
 * again.
 */
export const applyHoldChange = (
  cache: LotCache,
  orderId: OrderId,
  { lot: number, own: hold, shipped = 0 }: HoldChange,
): void => {
  const lot = cache.lots.get(number)
  if (!lot) return
  const more = (hold?.quantity ?? 0) - (lot.holds.get(orderId)?.quantity ?? 0)
  lot.held += more
  lot.shipped += shipped
  lot.onHand -= more + shipped
  lot.changed.set(orderId, hold ?? null)
  cache.changed.add(lot)
  if (!hold) {
    lot.holds.delete(orderId)
    disown(cache, orderId, number)
  } else {
    if (!lot.holds.has(orderId)) own(cache, orderId, number)
    lot.holds.set(orderId, hold)
  }
}

const own = ({ owned }: LotCache, orderId: OrderId, lot: number) => {
  const lots = owned.get(orderId)
  owned.set(orderId, lots ? [...lots, lot] : [lot])
}

const disown = ({ owned }: LotCache, orderId: OrderId, lot: number) => {
  const lots = (owned.get(orderId) ?? []).filter(other => other !== lot)
  if (lots.length > 0) owned.set(orderId, lots)
  else owned.delete(orderId)
}

/** What is to be written of a lot. */
export const changeOf = ({ onHand, held, shipped, changed }: KnownLot): LotChange => ({
  ...{ onHand, held, shipped },
  holds: Object.fromEntries(changed) as LotChange['holds'],
})

/**
 * A move that makes room for so many more holds: half of what the largest lot has goes to a later one that
 * lacks units.
 */
export const reliefMove = (
  cache: LotCache,
  wanted: number,
): { from: KnownLot; to: number; units: number } | undefined => {
  cache.crowded = false
  const current = currentOf(cache)
  if (!current || canTake(cache, current) >= wanted) return undefined
  const lots = [...cache.lots.values()]
  const sum = (of: (lot: KnownLot) => number) => lots.reduce((total, lot) => total + of(lot), 0)
  if (
    sum(lot => canTake(cache, lot)) >=
    Math.min(
      wanted,
      sum(({ onHand }) => onHand),
    )
  )
    return undefined
  const from = lots.reduce((most, lot) => (lot.onHand > most.onHand ? lot : most), current)
  if (from.onHand < 2) return undefined
  return { from, to: laterThan(from, cache), units: Math.floor(from.onHand / 2) }
}

/** How many holds a lot can take. */
const canTake = (cache: LotCache, lot: KnownLot) => Math.min(lot.onHand, roomIn(cache, lot))

/** A lot that has more room than units, or one that is not there yet. */
const laterThan = (from: KnownLot, cache: LotCache): number => {
  const all = [...cache.lots.values()]
  const free = all.filter(lot => lot.lot > from.lot && lot.onHand < roomIn(cache, lot)).map(({ lot }) => lot)
  return free.length > 0 ? Math.min(...free) : Math.max(...cache.lots.keys()) + 1
}
