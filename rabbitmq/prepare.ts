import { z } from 'zod'
import { applyDefinitions } from '../shared/messaging/apply.ts'
import { renderDefinitions } from '../shared/messaging/definitions.ts'
import { adminOf, managementApi, vhostOf } from '../shared/messaging/management.ts'
import { topologyOf } from '../shared/messaging/topology.ts'
import { type Env, loadConfig } from '../shared/runtime/config.ts'
import { jsonLog } from '../shared/runtime/log.ts'
import { asProgram } from '../shared/runtime/program.ts'
import { systemRandom } from '../shared/runtime/random.ts'
import { topologyWatchConfig } from '../shared/runtime/variables.ts'
import { participants } from './participants.ts'

/** A broker that has just come up is slow to declare its first queues. */
const firstBootMs = 60_000

const topology = topologyOf(participants)
const passwordOf = (user: string) => `${user.toUpperCase()}_PASSWORD`

// It is part of an AMQP_URL, where other characters would have to be escaped.
const password = z
  .string()
  .regex(/^[A-Za-z0-9._~-]{16,200}$/)
  .meta({
    description: 'The password of a broker user.',
    expected: '16 to 200 of A-Z a-z 0-9 . _ ~ -',
    secret: true,
  })

const { AMQP_URL, RABBITMQ_MANAGEMENT_URL, CHOREO_BROKER_USER_PREFIX } = topologyWatchConfig.shape

/** What the preparation reads: the broker as its administrator, and `<USER>_PASSWORD` for each user of the topology. */
export const prepareConfig = z.object({
  ...{ AMQP_URL, RABBITMQ_MANAGEMENT_URL, CHOREO_BROKER_USER_PREFIX },
  ...Object.fromEntries(topology.users.map(({ name }) => [passwordOf(name), password])),
})

/**
 * Makes the broker ready for the services: vhost, topology, users with their passwords and rights. What is there already stays; passwords become
 * the given ones. It can be repeated at any time, and is, at each start.
 * @throws SagaError `config-invalid`, `broker-unavailable`, `broker-refused`
 */
export const prepareBroker = async (env?: Env, log = jsonLog('prepare')): Promise<readonly []> => {
  const { config } = loadConfig(prepareConfig, env)
  const given: Readonly<Record<string, string | undefined>> = config
  const vhost = vhostOf(config.AMQP_URL)
  const passwords = Object.fromEntries(
    topology.users.map(({ name }) => [name, given[passwordOf(name)] ?? '']),
  )
  const definitions = renderDefinitions(topology, {
    ...{ vhost, userPrefix: config.CHOREO_BROKER_USER_PREFIX ?? '' },
    secrets: { passwords, random: systemRandom },
  })
  const api = managementApi(adminOf(config.RABBITMQ_MANAGEMENT_URL, config.AMQP_URL), firstBootMs)
  await applyDefinitions(api, definitions)
  log.info('the broker has its topology and users', { vhost })
  return []
}

await asProgram(import.meta.url, 'prepare', prepareBroker)
