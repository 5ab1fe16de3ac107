import type { NoticeKind } from '../../shared/contract/notice.ts'
import { normalText } from '../../shared/contract/text.ts'
import type { OrderStatus } from '../contract/fields.ts'
import type { OrderId } from '../contract/ids.ts'
import type { Entry } from './entry.ts'
import { type Awaited, awaitedOf } from './flow.ts'
import { causally } from './timeline.ts'

/**
 * What is known of an order. Everything but `version` follows from the entries alone, whatever the order of
 * their arrival.
 */
export type TrackedOrder = {
  readonly orderId: OrderId
  /** How often it was written. */
  readonly version: number
  readonly status: OrderStatus
  /** Nothing is awaited any more. */
  readonly settled: boolean
  readonly caller?: string
  readonly customerId?: string
  /** In cents. */
  readonly total?: number
  readonly placedAt?: string
  readonly updatedAt: string
  /** Sorts the newest order first. */
  readonly newest: string
  /** Sorts the smallest total first. */
  readonly smallest?: string
  /** What is ordered. */
  readonly skus?: readonly string[]
  /** Why it was rejected or cancelled, and why attempts failed or messages were parked. */
  readonly reasons?: readonly string[]
  readonly awaiting: readonly Awaited[]
  /** The services and events that are awaited, to be searched for. */
  readonly awaits: readonly string[]
  readonly last: Pick<Entry, 'id' | 'type' | 'at'>
  readonly attemptsFailed: number
  readonly parked: number
  readonly repaired: number
  /** Notices that were too many to be kept. */
  readonly abridged: boolean
  /** In the order of the journal. */
  readonly entries: readonly Entry[]
}

/** Of the notices of one order this many are kept, of the oldest and of the newest; facts are all kept. */
const keptNotices = 100

/** The order with further entries; the same object when they say nothing new. Pure. */
export const withEntries = (
  order: TrackedOrder | undefined,
  orderId: OrderId,
  added: readonly Entry[],
): TrackedOrder | undefined => renewed(order, orderId, [...(order?.entries ?? []), ...added])

/** As `withEntries`, for entries that the journal had before those that are known. Pure. */
export const withEarlier = (
  order: TrackedOrder | undefined,
  orderId: OrderId,
  earlier: readonly Entry[],
): TrackedOrder | undefined => {
  const known = new Map(order?.entries.map(entry => [entry.id, entry]))
  const isKnown = earlier.every(entry => !saysMore(entry, known.get(entry.id)))
  return isKnown ? order : renewed(order, orderId, [...earlier, ...(order?.entries ?? [])])
}

const renewed = (order: TrackedOrder | undefined, orderId: OrderId, all: readonly Entry[]) => {
  const known = order?.entries ?? []
  const several = distinct(all)
  const entries = bounded(several)
  if (entries.length === known.length && entries.every((entry, i) => entry === known[i])) return order
  const abridged = order?.abridged === true || entries.length < several.length
  return { ...summaryOf(orderId, entries), version: order?.version ?? 0, abridged, entries }
}

const distinct = (entries: readonly Entry[]): Entry[] => {
  const byId = new Map<string, Entry>()
  for (const entry of entries) if (saysMore(entry, byId.get(entry.id))) byId.set(entry.id, entry)
  return [...byId.values()]
}

const saysMore = (entry: Entry, known: Entry | undefined): boolean =>
  known === undefined || (known.newer !== undefined && entry.newer === undefined)

// By time and not by arrival: what was dropped and comes again is dropped again.
const bounded = (entries: readonly Entry[]): readonly Entry[] => {
  if (entries.length <= 2 * keptNotices) return entries
  const notices = entries.filter(({ notice }) => notice).sort(byTime)
  if (notices.length <= 2 * keptNotices) return entries
  const dropped = new Set(notices.slice(keptNotices, -keptNotices))
  return entries.filter(entry => !dropped.has(entry))
}

const byTime = (a: Entry, b: Entry): number => compare(timeOf(a), timeOf(b)) || compare(a.id, b.id)
const compare = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : Number(a > b))
const timeOf = ({ at }: Entry): number => Date.parse(at)

type Summary = Omit<TrackedOrder, 'version' | 'abridged' | 'entries'>

const summaryOf = (orderId: OrderId, entries: readonly Entry[]): Summary => {
  const facts = entries.filter(({ notice }) => !notice)
  const placed = facts.find(({ type }) => type === 'order.placed')
  const times = entries.map(timeOf)
  const awaiting = awaitedOf(facts)
  const status = statusOf(facts)
  const { id, type, at } = causally(facts.length > 0 ? facts : entries).at(-1) as Entry
  return {
    orderId,
    status,
    settled: status !== 'placed' && awaiting.length === 0,
    ...placedFields(placed, orderId),
    reasons: reasonsIn(entries),
    updatedAt: new Date(Math.max(...times)).toISOString(),
    newest: newestFirst(placed ? timeOf(placed) : Math.min(...times), orderId),
    awaiting,
    awaits: [...new Set(awaiting.flatMap(({ service, events }) => [service, ...events]))],
    last: { id, type, at },
    ...noticesIn(entries, facts.length),
  }
}

const noticesIn = (entries: readonly Entry[], facts: number) => {
  const count = (kind: NoticeKind) =>
    facts === entries.length ? 0 : entries.filter(({ notice }) => notice === kind).length
  return { attemptsFailed: count('attempt-failed'), parked: count('parked'), repaired: count('repaired') }
}

const placedFields = (placed: Entry | undefined, orderId: OrderId) => {
  const { caller, customerId, total, lines } = (placed?.data ?? {}) as {
    caller?: string
    customerId?: string
    total?: number
    lines?: readonly { readonly sku: string }[]
  }
  return {
    ...(placed && { placedAt: placed.at }),
    ...(caller !== undefined && { caller }),
    // Older orders have it as it came.
    ...(customerId !== undefined && { customerId: normalText(customerId) }),
    ...(total !== undefined && { total, smallest: smallestFirst(total, orderId) }),
    ...(lines !== undefined && { skus: lines.map(({ sku }) => sku) }),
  }
}

const reasonsIn = (entries: readonly Entry[]): readonly string[] => {
  const telling = entries.filter(({ type, notice }) => notice !== undefined || ends.has(type))
  const reasons = telling.map(({ data }) => data.reason).filter(reason => typeof reason === 'string')
  return [...new Set(reasons)].sort()
}

const ends = new Map<string, OrderStatus>([
  ['order.confirmed', 'confirmed'],
  ['order.rejected', 'rejected'],
  ['order.cancelled', 'cancelled'],
])

const statusOf = (facts: readonly Entry[]): OrderStatus => {
  for (const [type, status] of ends) if (facts.some(fact => fact.type === type)) return status
  return 'placed'
}

const latest = 9_999_999_999_999

/** A text that sorts ascending from the newest moment to the oldest; `ms` since the epoch. */
export const newestFirst = (ms: number, orderId = ''): string =>
  `${String(latest - Math.max(0, ms)).padStart(13, '0')}${orderId && `:${orderId}`}`

/** A text that sorts ascending from the smallest total (cents) to the largest. */
export const smallestFirst = (total: number, orderId = ''): string =>
  `${String(total).padStart(13, '0')}${orderId && `:${orderId}`}`
