import { shop } from '../../services/contract/shop.ts'
import { adminOf, type BrokerAdmin } from '../../shared/messaging/topology/management.ts'
import { addressesOf } from '../../shared/runtime/configuration/addresses.ts'
import { amqpUrlWith, vhostOf, withVhost } from '../../shared/runtime/configuration/server-urls.ts'

/** How services reach the broker, and its administrator when there is one. */
export type BrokerConnection = {
  /**
   * `amqp://host:port` without user and vhost, of each node of a cluster; or the given URL with its user and
   * vhost when nobody may manage the broker.
   */
  amqpUrl: string
  vhost: string
  /** Before the names of our users: on a broker that is not ours, they must not become somebody else's. */
  userPrefix: string
  admin: BrokerAdmin | undefined
}

/** How the servers of a system are reached. */
export type Connections = { broker: BrokerConnection; mongodbUrl: string; redisUrl: string }

/**
 * The broker of `AMQP_URL`. With `RABBITMQ_MANAGEMENT_URL` (its credentials, or those of the former) topology
 * and users are applied there.
 * @throws SagaError `config-invalid`
 */
export const givenBroker = (amqpUrl: string, managementUrl: string | undefined): BrokerConnection => {
  const addresses = addressesOf(amqpUrl, 'AMQP_URL')
  const vhost = vhostOf(amqpUrl, shop.names.vhost)
  const userPrefix = `${vhost}.`
  if (!managementUrl) return { amqpUrl: withVhost(amqpUrl, vhost), vhost, userPrefix, admin: undefined }
  const admin = adminOf(managementUrl, amqpUrl)
  const bare = addresses.map(({ protocol, host }) => `${protocol}//${host}`).join(',')
  return { amqpUrl: bare, vhost, userPrefix, admin }
}

/** The broker of a private instance or container. */
export const ownBroker = (port: number, admin: BrokerAdmin): BrokerConnection => ({
  amqpUrl: `amqp://127.0.0.1:${port}`,
  vhost: shop.names.vhost,
  userPrefix: '',
  admin,
})

/**
 * What a service is given as `AMQP_URL`: its own user on the vhost, or the given URL when nobody could make
 * that user.
 */
export const amqpUrlFor = (broker: BrokerConnection, user: string, password: string): string => {
  if (!broker.admin) return broker.amqpUrl
  const as = { user: `${broker.userPrefix}${user}`, password }
  return amqpUrlWith(broker.amqpUrl, { vhost: broker.vhost, as })
}
