import { addressesOf, addressesWith } from '../shared/runtime/addresses.ts'
import { amqpUrlFor, type Connections } from './connections.ts'
import type { Secrets } from './secrets.ts'

/** The services that react to events, each with an inbox, in the order of their start. */
export const serviceNames = ['order', 'inventory', 'payment', 'shipping'] as const
/** Every service of a system; tracking only reads. */
export const allServiceNames = [...serviceNames, 'tracking'] as const
export type ServiceName = (typeof allServiceNames)[number]

/** Where one instance of each service listens, and the providers that they call. */
export type ServicePorts = {
  http: number
  paymentProvider: number
  carrier: number
  health: Record<ServiceName, number>
}

/** Where everything of one system listens. */
export type SystemPorts = ServicePorts & { topologyWatch: number }

const local = (port: number): string => `http://127.0.0.1:${port}`

/** What only one service is told. */
const special = (name: ServiceName, ports: ServicePorts): Record<string, string> => {
  switch (name) {
    case 'order':
      return {
        CHOREO_HTTP_PORT: String(ports.http),
        INVENTORY_URL: local(ports.health.inventory),
        PAYMENT_URL: local(ports.health.payment),
        SHIPPING_URL: local(ports.health.shipping),
        TRACKING_URL: local(ports.health.tracking),
      }
    case 'payment':
      return { PAYMENT_PROVIDER_URL: local(ports.paymentProvider) }
    case 'shipping':
      return { CARRIER_URL: local(ports.carrier) }
    case 'inventory':
    case 'tracking':
      return {}
  }
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
  ...special(name, ports),
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
