import type { OrderId, Sku } from '../../shared/contract/ids.ts'
import type { Hold, Lot, LotChange } from '../../shared/persistence/stock.ts'
import type { Depth, Entry, LotView, Sight } from './lots.ts'

/** A lot as this process last read or wrote it. It is changed in place: a copy would cost as much as all its open holds. */
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
export type Shelf = {
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
  /** Where to look for units first; each process begins at a lot of its own choice, so that they meet less often. */
  startAt: number
  current: KnownLot | undefined
  /** Whether every lot with units is full. */
  crowded: boolean
}

export const emptyShelf = (sku: Sku, { room, startAt }: { room: number; startAt: number }): Shelf => ({
  ...{ sku, room, startAt, lots: new Map(), owned: new Map(), changed: new Set(), stale: new Set() },
  ...{ complete: false, current: undefined, crowded: false },
})

/** Whether a lot that was read is not what is remembered. */
export const isNew = ({ lots, stale }: Shelf, { lot, version }: Lot): boolean =>
  stale.has(lot) || lots.get(lot)?.version !== version

/** Remembers a lot as it was read. */
export const remember = (shelf: Shelf, { holds, ...lot }: Lot): void => {
  const before = shelf.lots.get(lot.lot)
  for (const orderId of before?.holds.keys() ?? []) disown(shelf, orderId, lot.lot)
  const known = { ...lot, holds: new Map(Object.entries(holds) as [OrderId, Hold][]), changed: new Map() }
  for (const orderId of known.holds.keys()) own(shelf, orderId, lot.lot)
  shelf.lots.set(lot.lot, known)
  shelf.stale.delete(lot.lot)
  if (shelf.current === before) shelf.current = undefined
}

const hasRoom = ({ room }: Shelf, { holds }: KnownLot) => holds.size < room

/** What an order sees from here, with what the round under way has changed so far. */
export const sightOf = (shelf: Shelf, orderId: OrderId, depth: Depth): Sight => {
  const owned = shelf.owned.get(orderId) ?? []
  return { own: owned.flatMap(lot => viewOf(shelf, orderId, lot)), others: () => others(shelf, owned), depth }
}

const viewOf = ({ lots }: Shelf, orderId: OrderId, number: number): LotView[] => {
  const lot = lots.get(number)
  return lot ? [{ lot: number, onHand: lot.onHand, own: lot.holds.get(orderId) }] : []
}

/** The lot that was used last comes first, then those with room, then any with units: nobody is sent away for want of room. */
function* others(shelf: Shelf, owned: readonly number[]): Generator<LotView> {
  const first = currentOf(shelf)
  if (first && !owned.includes(first.lot)) yield unowned(first)
  const further = rotated(shelf).filter(lot => lot !== first && lot.onHand > 0 && !owned.includes(lot.lot))
  for (const lot of further) if (hasRoom(shelf, lot)) yield unowned(lot)
  for (const lot of further) if (!hasRoom(shelf, lot)) yield unowned(lot)
}

const unowned = ({ lot, onHand }: KnownLot): LotView => ({ lot, onHand, own: undefined })

/** The lot to take from; it is looked for again when it is empty, or full while others are not. */
const currentOf = (shelf: Shelf): KnownLot | undefined => {
  const { current, crowded } = shelf
  if (current && current.onHand > 0 && (crowded || hasRoom(shelf, current))) return current
  const stocked = [...shelf.lots.values()].filter(({ onHand }) => onHand > 0)
  const free = stocked.filter(lot => hasRoom(shelf, lot))
  shelf.crowded = free.length === 0
  const usable = shelf.crowded ? stocked : free
  shelf.current = usable[shelf.startAt % Math.max(1, usable.length)]
  return shelf.current
}

const rotated = ({ lots, startAt }: Shelf): KnownLot[] => {
  const all = [...lots.values()]
  const first = startAt % Math.max(1, all.length)
  return [...all.slice(first), ...all.slice(0, first)]
}

/** Puts a verdict's entry about an order into what is remembered; it is to be written, or else to be read again. */
export const enter = (shelf: Shelf, orderId: OrderId, { lot: number, own: hold, shipped = 0 }: Entry): void => {
  const lot = shelf.lots.get(number)
  if (!lot) return
  const more = (hold?.quantity ?? 0) - (lot.holds.get(orderId)?.quantity ?? 0)
  lot.held += more
  lot.shipped += shipped
  lot.onHand -= more + shipped
  lot.changed.set(orderId, hold ?? null)
  shelf.changed.add(lot)
  if (!hold) {
    lot.holds.delete(orderId)
    disown(shelf, orderId, number)
  } else {
    if (!lot.holds.has(orderId)) own(shelf, orderId, number)
    lot.holds.set(orderId, hold)
  }
}

const own = ({ owned }: Shelf, orderId: OrderId, lot: number) => {
  const lots = owned.get(orderId)
  owned.set(orderId, lots ? [...lots, lot] : [lot])
}

const disown = ({ owned }: Shelf, orderId: OrderId, lot: number) => {
  const lots = (owned.get(orderId) ?? []).filter(other => other !== lot)
  if (lots.length > 0) owned.set(orderId, lots)
  else owned.delete(orderId)
}

/** What is to be written of a lot. */
export const changeOf = ({ onHand, held, shipped, changed }: KnownLot): LotChange => ({
  ...{ onHand, held, shipped },
  holds: Object.fromEntries(changed) as LotChange['holds'],
})

/** A move that makes room for holds: half of what the largest lot has goes to a later one with nothing on hand. */
export const relief = (shelf: Shelf): { from: KnownLot; to: number; units: number } | undefined => {
  shelf.crowded = false
  currentOf(shelf)
  if (!shelf.crowded) return undefined
  const lots = [...shelf.lots.values()]
  const from = lots.reduce<KnownLot | undefined>(
    (most, lot) => (lot.onHand > (most?.onHand ?? 1) ? lot : most),
    undefined,
  )
  if (!from) return undefined
  const free = lots.filter(lot => lot.lot > from.lot && hasRoom(shelf, lot)).map(({ lot }) => lot)
  const to = free.length > 0 ? Math.min(...free) : Math.max(...shelf.lots.keys()) + 1
  return { from, to, units: Math.floor(from.onHand / 2) }
}
