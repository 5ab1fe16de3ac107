import { participants } from '../rabbitmq/participants.ts'
import { applyDefinitions } from '../shared/messaging/apply.ts'
import { renderDefinitions } from '../shared/messaging/definitions.ts'
import { managementApi } from '../shared/messaging/management.ts'
import { topologyOf } from '../shared/messaging/topology.ts'
import { systemRandom } from '../shared/runtime/random.ts'
import type { BrokerConnection } from './connections.ts'
import type { Secrets } from './secrets.ts'

const topology = topologyOf(participants)
/** A broker that has just come up is slow to declare its first queues. */
const firstBootMs = 60_000

/** The broker users of a system: one per service, and `operator` for people. */
export const brokerUsers: readonly string[] = topology.users.map(({ name }) => name)

/**
 * Makes a broker ready for the services: vhost, topology, users and their rights. What is there already stays, so it can be repeated.
 * A broker that nobody may manage is left as it is.
 * @throws SagaError `broker-unavailable`, `broker-refused`
 */
export const applyTopology = async (broker: BrokerConnection, passwords: Secrets): Promise<void> => {
  const { admin, vhost, userPrefix } = broker
  if (!admin) return
  const definitions = renderDefinitions(topology, {
    ...{ vhost, userPrefix },
    secrets: { passwords, random: systemRandom },
  })
  await applyDefinitions(managementApi(admin, firstBootMs), definitions)
}
