import type { Names } from '../../contract/names.ts'
import type { Definitions } from '../../messaging/topology/definitions.ts'
import type { TopologyItem } from '../topology/plan.ts'

/** The event types that reach each inbox, by its queue. */
export type Subscriptions = ReadonlyMap<string, ReadonlySet<string>>

/** What an inbox may have missed: events of these types since that instant (ms). */
export type Gap = { readonly inbox: string; readonly types: ReadonlySet<string>; readonly since: number }

/** Who hears what by these definitions. Pure. */
export const subscriptionsOf = ({ exchanges }: Names, { bindings = [] }: Definitions): Subscriptions => {
  const found = new Map<string, Set<string>>()
  for (const { source, destination_type: kind, destination, routing_key: type } of bindings) {
    if (source !== exchanges.inboxes || kind !== 'queue') continue
    const types = found.get(`${destination}`) ?? new Set()
    found.set(`${destination}`, types.add(`${type}`))
  }
  return found
}

/**
 * What the inboxes may have missed because these things were missing since `since` (ms): the types whose way
 * to them was broken, and everything for one that was not there. When the journal itself is gone nothing can
 * be made up for, and there are no gaps. Pure.
 */
export const gapsOf = (
  names: Names,
  declared: Definitions,
  missing: readonly TopologyItem[],
  since: number,
): Gap[] => {
  const isMissing = (queue: string) =>
    missing.some(({ kind, definition }) => kind === 'queue' && definition.name === queue)
  if (isMissing(names.journal)) return []
  const isBroken = (inbox: string) => (type: string) =>
    missing.some(thing => isWay(names, thing, inbox, type)) || isMissing(inbox)
  return [...subscriptionsOf(names, declared)]
    .map(([inbox, types]) => ({ inbox, types: new Set([...types].filter(isBroken(inbox))), since }))
    .filter(({ types }) => types.size > 0)
}

const isWay = (
  { exchanges }: Names,
  { kind, definition }: TopologyItem,
  inbox: string,
  type: string,
): boolean => {
  const { source, destination, routing_key: key } = definition
  if (kind !== 'binding' || key !== type) return false
  return source === exchanges.inboxes
    ? destination === inbox
    : source === exchanges.events && destination === exchanges.inboxes
}

/** One gap per inbox, that has both. Pure. */
export const mergedGaps = (gaps: readonly Gap[]): Gap[] =>
  [...new Set(gaps.map(({ inbox }) => inbox))].map(inbox => {
    const same = gaps.filter(one => one.inbox === inbox)
    const types = new Set(same.flatMap(one => [...one.types]))
    return { inbox, types, since: Math.min(...same.map(({ since }) => since)) }
  })
