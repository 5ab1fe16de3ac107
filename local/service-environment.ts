import { otherNames, urlVariableOf } from '../services/order/configuration.ts'
import type { ServiceName } from '../services/registry.ts'
import { addressesOf, addressesWith } from '../shared/runtime/addresses.ts'
import { amqpUrlFor, type Connections } from './connections.ts'
import type { Secrets } from './secrets.ts'

/** Where one instance of each service listens, and the providers that they call. */
export type ServicePorts = {
  http: number
  paymentProvider: number
  carrier: number
  health: Readonly<Record<ServiceName, number>>
}

/** Where everything of one system listens. */
export type SystemPorts = ServicePorts & { topologyWatch: number }

const local = (port: number): string => `http://127.0.0.1:${port}`

/** What only one service is told, of those that are told more than every one. */
const special: Partial<Record<ServiceName, (ports: ServicePorts) => Record<string, string>>> = {
  order: ({ http, health }) => ({
    CHOREO_HTTP_PORT: String(http),
    ...Object.fromEntries(otherNames.map(name => [urlVariableOf(name), local(health[name])])),
  }),
  payment: ({ paymentProvider }) => ({ PAYMENT_PROVIDER_URL: local(paymentProvider) }),
  shipping: ({ carrier }) => ({ CARRIER_URL: local(carrier) }),
}

/** The variables that one service is started with: its own broker user, the stores, its ports. */
export const serviceVariables = (
  name: ServiceName,
  { broker, mongodbUrl, redisUrl }: Connections,
  secrets: Secrets,
  ports: ServicePorts,
): Record<string, string> => ({
  AMQP_URL: amqpUrlFor(broker, name, secrets[name] ?? ''),
  MONGODB_URL: mongodbUrl,
  REDIS_URL: redisUrl,
  CHOREO_HEALTH_PORT: String(ports.health[name]),
  ...special[name]?.(ports),
})

/** The variables that the topology watch is started with; undefined on a broker that nobody may manage. */
export const watchVariables = (
  { broker }: Connections,
  secrets: Secrets,
  ports: SystemPorts,
): Record<string, string> | undefined => {
  const { admin, userPrefix } = broker
  if (!admin) return undefined
  const managementUrl = addressesWith(addressesOf(admin.managementUrl, 'RABBITMQ_MANAGEMENT_URL'), url => {
    url.username = encodeURIComponent(admin.adminUser)
    url.password = encodeURIComponent(admin.adminPassword)
  })
  return {
    // The operator may enter the vhost; the administrator of the server need not be let in there.
    AMQP_URL: amqpUrlFor(broker, 'operator', secrets.operator ?? ''),
    RABBITMQ_MANAGEMENT_URL: managementUrl,
    CHOREO_BROKER_USER_PREFIX: userPrefix,
    CHOREO_HEALTH_PORT: String(ports.topologyWatch),
  }
}
