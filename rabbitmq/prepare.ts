import { z } from 'zod'
import { shop } from '../services/contract/shop.ts'
import { storeUserNames, storeUsers } from '../services/store-users.ts'
import { adminOf } from '../shared/messaging/topology/management.ts'
import { type Env, loadConfig } from '../shared/runtime/configuration/config.ts'
import { vhostOf } from '../shared/runtime/configuration/server-urls.ts'
import { url, variable } from '../shared/runtime/configuration/variable.ts'
import { asProgram } from '../shared/runtime/lifecycle/program.ts'
import { jsonLog } from '../shared/runtime/telemetry/log.ts'
import { makeStoreUsers } from '../shared/storage/mongo/users.ts'
import { topologyWatchConfig } from './configuration.ts'
import { brokerUsers, makeReady } from './declared.ts'

const passwordOf = (user: string) => `${user.toUpperCase()}_PASSWORD`
const storePasswordOf = (user: string) => `MONGODB_${passwordOf(user)}`

// It is part of a URL, where other characters would have to be escaped.
const expected = '16 to 200 of A-Z a-z 0-9 . _ ~ -'
const password = z.string().regex(/^[A-Za-z0-9._~-]{16,200}$/)
const passwordOfBroker = password.meta({
  ...{ description: 'The password of a broker user.', expected, secret: true },
})
const passwordOfStore = password.optional().meta({
  ...{ description: 'The password of a user of MongoDB.', expected, secret: true },
})

const { AMQP_URL, RABBITMQ_MANAGEMENT_URL, CHOREO_BROKER_USER_PREFIX } = topologyWatchConfig.shape

/**
 * What the preparation reads: the broker as its administrator, and `<USER>_PASSWORD` for each user of the
 * topology. With `MONGODB_ADMIN_URL` it makes the users of MongoDB as well, and reads
 * `MONGODB_<USER>_PASSWORD` for each of them.
 */
export const prepareConfig = z
  .object({
    ...{ AMQP_URL, RABBITMQ_MANAGEMENT_URL, CHOREO_BROKER_USER_PREFIX },
    ...Object.fromEntries(brokerUsers.map(user => [passwordOf(user), passwordOfBroker])),
    MONGODB_ADMIN_URL: variable(url('mongodb(\\+srv)?').optional(), {
      description: 'MongoDB as its administrator. Unless it is set no user is made there.',
      expected: 'a mongodb:// or mongodb+srv:// URL',
      secret: true,
    }),
    ...Object.fromEntries(storeUserNames.map(user => [storePasswordOf(user), passwordOfStore])),
  })
  .superRefine((given: Env, { addIssue }) => {
    const missing = storeUserNames.map(storePasswordOf).filter(name => given[name] === undefined)
    if (given.MONGODB_ADMIN_URL !== undefined)
      for (const name of missing) addIssue({ code: 'custom', path: [name], message: expected })
  })

/**
 * Makes the servers of the environment ready for the services, at each start again.
 * @throws SagaError `config-invalid`, and as `makeReady` and `makeStoreUsers`
 */
export const prepare = async (env?: Env, log = jsonLog('prepare')): Promise<readonly []> => {
  const { config } = loadConfig(prepareConfig, env)
  const given: Readonly<Record<string, string | undefined>> = config
  const vhost = vhostOf(config.AMQP_URL, shop.names.vhost)
  const userPrefix = config.CHOREO_BROKER_USER_PREFIX ?? ''
  const passwords = Object.fromEntries(brokerUsers.map(user => [user, given[passwordOf(user)] ?? '']))
  const admin = adminOf(config.RABBITMQ_MANAGEMENT_URL, config.AMQP_URL)
  await makeReady(admin, { vhost, userPrefix }, passwords)
  log.info('the broker has its topology and users', { vhost })
  if (config.MONGODB_ADMIN_URL === undefined) return []
  const users = storeUsers(name => given[storePasswordOf(name)] ?? '')
  await makeStoreUsers(config.MONGODB_ADMIN_URL, users, log)
  log.info('mongodb has its users')
  return []
}

await asProgram(import.meta.url, 'prepare', prepare)
