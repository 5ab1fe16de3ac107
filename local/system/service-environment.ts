import { configurations } from '../../services/configurations.ts'
import { otherNames, urlVariableOf } from '../../services/order/configuration.ts'
import type { ServiceName } from '../../services/registry.ts'
import { addressesOf, addressesWith } from '../../shared/runtime/configuration/addresses.ts'
import { setCredentials } from '../../shared/runtime/configuration/server-urls.ts'
import { amqpUrlFor, type Connections } from '../bring-up/connections.ts'
import type { Secrets } from '../bring-up/secrets.ts'

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

/** What a service may be given besides its broker user and its private port, by variable. */
const everything = ({ mongodbUrl, redisUrl }: Connections, ports: ServicePorts): Record<string, string> => ({
  MONGODB_URL: mongodbUrl,
  REDIS_URL: redisUrl,
  CHOREO_HTTP_PORT: String(ports.http),
  PAYMENT_PROVIDER_URL: local(ports.paymentProvider),
  CARRIER_URL: local(ports.carrier),
  ...Object.fromEntries(otherNames.map(name => [urlVariableOf(name), local(ports.health[name])])),
})

/**
 * The variables that one service is started with: its own broker user and ports, and of all else what it
 * reads.
 */
export const serviceVariables = (
  name: ServiceName,
  connections: Connections,
  secrets: Secrets,
  ports: ServicePorts,
): Record<string, string> => {
  const read = Object.entries(everything(connections, ports)).filter(([variable]) =>
    Object.hasOwn(configurations[name].shape, variable),
  )
  return {
    AMQP_URL: amqpUrlFor(connections.broker, name, secrets[name] ?? ''),
    CHOREO_HEALTH_PORT: String(ports.health[name]),
    ...Object.fromEntries(read),
  }
}

/** The variables that the topology watch is started with; undefined on a broker that nobody may manage. */
export const watchVariables = (
  { broker }: Connections,
  secrets: Secrets,
  ports: SystemPorts,
): Record<string, string> | undefined => {
  const { admin, userPrefix } = broker
  if (!admin) return undefined
  const managementUrl = addressesWith(addressesOf(admin.managementUrl, 'RABBITMQ_MANAGEMENT_URL'), url => {
    setCredentials(url, { user: admin.adminUser, password: admin.adminPassword })
  })
  return {
    // The operator may enter the vhost; the administrator of the server need not be let in there.
    AMQP_URL: amqpUrlFor(broker, 'operator', secrets.operator ?? ''),
    RABBITMQ_MANAGEMENT_URL: managementUrl,
    CHOREO_BROKER_USER_PREFIX: userPrefix,
    CHOREO_HEALTH_PORT: String(ports.topologyWatch),
  }
}
