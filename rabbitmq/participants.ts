import { shop } from '../services/contract/shop.ts'
import { reactingServices } from '../services/reacting-services.ts'
import { readingNames } from '../services/registry.ts'
import { waits } from '../shared/messaging/topology/names.ts'
import { type Topology, topologyOf } from '../shared/messaging/topology/topology.ts'
import { participantsOf } from '../shared/saga/participants.ts'

/**
 * The services of the shop: what each hears by its reaction table, and the events of the saga that it owns.
 */
export const participants = participantsOf(reactingServices)

/** Everything of the shop on the broker. Delays are those of the wait queues in milliseconds. */
export const shopTopology = (delays: readonly number[] = waits): Topology =>
  topologyOf(shop.names, { participants, delays, readers: readingNames })
