import { applyDefinitions } from '../shared/messaging/topology/apply.ts'
import { renderDefinitions } from '../shared/messaging/topology/definitions.ts'
import { type BrokerAdmin, managementApi } from '../shared/messaging/topology/management.ts'
import type { DeclaredTopology } from '../shared/operations/topology/topology.ts'
import { systemRandom } from '../shared/runtime/random.ts'
import { shopTopology } from './participants.ts'

const topology = shopTopology()

/** A broker that has just come up is slow to declare its first queues. */
const firstBootMs = 60_000

/** The users of the broker: one per service, and `operator` for people. */
export const brokerUsers: readonly string[] = topology.users.map(({ name }) => name)

/** A vhost, and what stands before the names of our users on its broker. */
export type VhostPlace = { readonly vhost: string; readonly userPrefix: string }

/** What is declared for a vhost, without passwords. Pure. */
export const declaredFor = ({ vhost, userPrefix }: VhostPlace): DeclaredTopology => ({
  vhost,
  definitions: renderDefinitions(topology, { vhost, userPrefix }),
})

/**
 * Makes a broker ready for the services: vhost, topology, users with their passwords and rights. What is
 * there already stays; passwords become the given ones, by user name without prefix. It can be repeated at
 * any time.
 * @throws SagaError `broker-unavailable`, `broker-refused`
 */
export const makeReady = async (
  admin: BrokerAdmin,
  { vhost, userPrefix }: VhostPlace,
  passwords: Readonly<Record<string, string>>,
): Promise<void> => {
  const secrets = { passwords, random: systemRandom }
  await applyDefinitions(
    managementApi(admin, firstBootMs),
    renderDefinitions(topology, { vhost, userPrefix, secrets }),
  )
}
