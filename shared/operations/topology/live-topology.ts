import { z } from 'zod'
import type { Definitions } from '../../messaging/topology/definitions.ts'
import { type BrokerView, type QueueReading, readingsIn } from './queue-readings.ts'

const Row = z.record(z.string(), z.unknown())
const Rows = z.array(Row)

/** What a vhost has, in the form of a definitions file, without passwords, and how full its queues are. */
export type LiveTopology = {
  readonly definitions: Definitions
  readonly queues: readonly QueueReading[]
  /** Those that come on top of the policies; nobody declares them here. */
  readonly operatorPolicies: Definitions[string]
}

/**
 * Reads a vhost through the management API; of a vhost that is not there, only the users.
 * Left out is what every broker has by itself, and what belongs to one connection only.
 * @throws SagaError `broker-unavailable`, `broker-refused`
 */
export const readTopology = async (view: BrokerView, vhost: string): Promise<LiveTopology> => {
  const read = async (path: string) => Rows.parse(await view.api('GET', path))
  const [vhosts, users] = await Promise.all([read('/api/vhosts'), read('/api/users')])
  const here = vhosts.filter(({ name }) => name === vhost)
  if (here.length === 0)
    return { definitions: { vhosts: [], users: users.map(bareUser) }, queues: [], operatorPolicies: [] }
  const name = encodeURIComponent(vhost)
  const [permissions, topicPermissions, policies, exchanges, queues, bindings, operatorPolicies] =
    await Promise.all([
      read(`/api/vhosts/${name}/permissions`),
      read(`/api/vhosts/${name}/topic-permissions`),
      read(`/api/policies/${name}`),
      read(`/api/exchanges/${name}`),
      read(`/api/queues/${name}`),
      read(`/api/bindings/${name}`),
      read(`/api/operator-policies/${name}`),
    ])
  const lasting = queues.filter(({ exclusive }) => exclusive !== true)
  const definitions = {
    ...{ vhosts: here, permissions, policies, bindings: bindings.filter(isDeclared), queues: lasting },
    ...{ topic_permissions: topicPermissions, exchanges: exchanges.filter(isOurs) },
    users: users.map(bareUser),
  }
  return { definitions, operatorPolicies, queues: await readingsIn(view, vhost, queues) }
}

const bareUser = ({ name, tags }: z.output<typeof Row>) => ({ name, tags })

/** Every queue is bound to the nameless exchange by its own name, and nobody can change that. */
const isDeclared = ({ source }: z.output<typeof Row>) => source !== ''

const isOurs = ({ name }: z.output<typeof Row>) => name !== '' && !String(name).startsWith('amq.')
