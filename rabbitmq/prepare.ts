import { z } from 'zod'
import { shop } from '../services/contract/shop.ts'
import { adminOf } from '../shared/messaging/topology/management.ts'
import { type Env, loadConfig } from '../shared/runtime/configuration/config.ts'
import { vhostOf } from '../shared/runtime/configuration/server-urls.ts'
import { asProgram } from '../shared/runtime/lifecycle/program.ts'
import { jsonLog } from '../shared/runtime/telemetry/log.ts'
import { topologyWatchConfig } from './configuration.ts'
import { brokerUsers, makeReady } from './declared.ts'

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

/**
 * What the preparation reads: the broker as its administrator, and `<USER>_PASSWORD` for each user of the
 * topology.
 */
export const prepareConfig = z.object({
  ...{ AMQP_URL, RABBITMQ_MANAGEMENT_URL, CHOREO_BROKER_USER_PREFIX },
  ...Object.fromEntries(brokerUsers.map(user => [passwordOf(user), password])),
})

/**
 * Makes the broker of the environment ready for the services, at each start again.
 * @throws SagaError `config-invalid`, and as `makeReady`
 */
export const prepareBroker = async (env?: Env, log = jsonLog('prepare')): Promise<readonly []> => {
  const { config } = loadConfig(prepareConfig, env)
  const given: Readonly<Record<string, string | undefined>> = config
  const vhost = vhostOf(config.AMQP_URL, shop.names.vhost)
  const userPrefix = config.CHOREO_BROKER_USER_PREFIX ?? ''
  const passwords = Object.fromEntries(brokerUsers.map(user => [user, given[passwordOf(user)] ?? '']))
  const admin = adminOf(config.RABBITMQ_MANAGEMENT_URL, config.AMQP_URL)
  await makeReady(admin, { vhost, userPrefix }, passwords)
  log.info('the broker has its topology and users', { vhost })
  return []
}

await asProgram(import.meta.url, 'prepare', prepareBroker)
