import { events, shop } from '../services/contract/shop.ts'
import { readingNames } from '../services/registry.ts'
import { rules } from '../services/rules.ts'
import { waits } from '../shared/messaging/names.ts'
import { type Participant, type Topology, topologyOf } from '../shared/messaging/topology.ts'

/** The services of the shop: what each hears by its reaction table, and the events of the contract that it owns. */
export const participants: readonly Participant[] = rules.map(({ name, reactions }) => ({
  service: name,
  subscribes: reactions.map(reaction => reaction.on.type),
  publishes: events.filter(event => event.owner === name).map(event => event.type),
}))

/** Everything of the shop on the broker. Delays are those of the wait queues in milliseconds. */
export const shopTopology = (delays: readonly number[] = waits): Topology =>
  topologyOf(shop.names, { participants, delays, readers: readingNames })
