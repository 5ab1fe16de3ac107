import type { Definitions } from '../../messaging/topology/definitions.ts'
import { routeOf } from '../../messaging/topology/routing.ts'
import type { Exchange, Topology } from '../../messaging/topology/topology.ts'

/**
 * The types of events that each queue gets, by its name, of all that somebody is bound to: as the broker
 * routes them now, whoever declared the bindings. Pure.
 */
export const eventsInto = (events: string, live: Definitions): ReadonlyMap<string, readonly string[]> => {
  const topology = topologyIn(live)
  const keys = topology.bindings.filter(({ source }) => source === events).map(({ key }) => key)
  const types = [...new Set(keys)].filter(key => !/[*#]/.test(key)).sort()
  const found = new Map<string, string[]>()
  for (const type of types)
    for (const queue of routeOf(topology, events, type) ?? [])
      found.set(queue, [...(found.get(queue) ?? []), type])
  return found
}

/** What there is of it to route by. */
const topologyIn = ({ exchanges = [], queues = [], bindings = [] }: Definitions): Topology => ({
  ...{ vhost: '', policies: [], users: [] },
  exchanges: exchanges.map(one => ({
    name: `${one.name}`,
    // A direct exchange compares whole keys, as a topic one does where there is no wildcard; what headers let
    // through cannot be told from here.
    type: one.type === 'fanout' || one.type === 'headers' ? 'fanout' : 'topic',
    arguments: (one.arguments ?? {}) as Exchange['arguments'],
  })),
  queues: queues.map(({ name }) => ({ name: `${name}`, arguments: {} })),
  bindings: bindings.map(one => ({
    ...{ source: `${one.source}`, destination: `${one.destination}`, key: `${one.routing_key}` },
    to: one.destination_type === 'exchange' ? 'exchange' : 'queue',
  })),
})
