import { z } from 'zod'
import { msOf } from './duration.ts'
import {
  addresses,
  duration,
  host,
  type KeyHolder,
  keyHolders,
  keysExpected,
  port,
  url,
  variable,
  whole,
} from './variable.ts'

const service = {
  CHOREO_LOG_LEVEL: variable(z.enum(['error', 'warn', 'info', 'debug']).default('info'), {
    description: 'The least important kind of log line that is written.',
    expected: 'error, warn, info or debug',
  }),
  CHOREO_HEALTH_HOST: variable(host.default('127.0.0.1'), {
    description:
      'Where the private port (health, metrics, stock) listens. It asks nobody who they are: keep it private.',
    expected: 'an IP address or host name of this machine',
  }),
}

const healthPort = (fallback: number) => ({
  CHOREO_HEALTH_PORT: variable(port.default(fallback), {
    description: 'The private port of the service: /livez, /readyz and what operators read.',
    expected: 'a port from 0 (any free one) to 65535',
  }),
})

const servers = {
  AMQP_URL: variable(addresses('amqps?'), {
    description:
      'RabbitMQ, with the user of this service and the vhost. Of a cluster the addresses of its nodes: another one is dialled when one is lost.',
    expected: 'an amqp:// or amqps:// URL, or several separated by commas',
    secret: true,
  }),
  MONGODB_URL: variable(url('mongodb(\\+srv)?'), {
    description: 'The MongoDB server or cluster that holds the documents of this service.',
    expected: 'a mongodb:// or mongodb+srv:// URL',
    secret: true,
  }),
  REDIS_URL: variable(url('rediss?'), {
    description: 'Redis, which only saves work: it may be empty, slow or away.',
    expected: 'a redis:// or rediss:// URL',
    secret: true,
  }),
}

const consuming = {
  CHOREO_PREFETCH: variable(whole(1, 2_000).default(512), {
    description: 'How many messages the broker hands out before the first is acknowledged.',
    expected: 'a whole number from 1 to 2000 (quorum queues take no more)',
  }),
  CHOREO_MAX_ATTEMPTS: variable(whole(1, 50).default(8), {
    description: 'How often an event is tried before it is parked in the dead-letter queue.',
    expected: 'a whole number from 1 to 50',
  }),
}

const calling = {
  CHOREO_PATIENCE_MS: variable(whole(0, 60_000).default(1_000), {
    description:
      'How long a message waits for a provider call (ms) before the call is finished in the background.',
    expected: 'a whole number of milliseconds from 0 to 60000',
  }),
}

const door = {
  CHOREO_HTTP_PORT: variable(port.default(3_000), {
    description: 'The public port: orders, catalogue, stock.',
    expected: 'a port from 0 (any free one) to 65535',
  }),
  CHOREO_HTTP_HOST: variable(host.default('127.0.0.1'), {
    description:
      'Where the public port listens. Without any key it stays on 127.0.0.1, whatever is set here.',
    expected: 'an IP address or host name of this machine, 0.0.0.0 for all',
  }),
  CHOREO_CALLER_KEYS: variable(keyHolders.default([]), {
    description:
      'Who may place orders, and sees the own ones. One name may have several keys, to change them without a gap.',
    expected: keysExpected,
    secret: true,
  }),
  CHOREO_OPERATOR_KEYS: variable(keyHolders.default([]), {
    description: 'Who sees and may cancel every order.',
    expected: keysExpected,
    secret: true,
  }),
  CHOREO_MAX_IN_FLIGHT: variable(whole(1, 100_000).default(256), {
    description:
      'How many requests are worked on at once; further ones are told to come back. With keys, one caller gets at most a quarter.',
    expected: 'a whole number from 1 to 100000',
  }),
  CHOREO_MAX_OPEN_ORDERS: variable(whole(1, 1_000_000).default(1_000), {
    description:
      'How many orders that are younger than 10 s may be open at once, over all instances; further ones are told to come back. Under overload the slowest percent of orders takes about this number divided by the orders that the system ends in a second.',
    expected: 'a whole number from 1 to 1000000',
  }),
  INVENTORY_URL: variable(url('https?').default('http://127.0.0.1:3102'), {
    description: 'The private port of inventory, where stock is read and restocked, and orders are erased.',
    expected: 'an http:// or https:// URL',
  }),
  PAYMENT_URL: variable(url('https?').default('http://127.0.0.1:3103'), {
    description: 'The private port of payment, where orders are erased.',
    expected: 'an http:// or https:// URL',
  }),
  SHIPPING_URL: variable(url('https?').default('http://127.0.0.1:3104'), {
    description: 'The private port of shipping, where orders are erased.',
    expected: 'an http:// or https:// URL',
  }),
  TRACKING_URL: variable(url('https?').default('http://127.0.0.1:3105'), {
    description: 'The private port of tracking, where lists, timelines and events of orders are read.',
    expected: 'an http:// or https:// URL',
  }),
}

const reacting = { ...service, ...servers, ...consuming }

const hasOneRolePerKey = (keys: { CHOREO_CALLER_KEYS: KeyHolder[]; CHOREO_OPERATOR_KEYS: KeyHolder[] }) => {
  const hashes = [...keys.CHOREO_CALLER_KEYS, ...keys.CHOREO_OPERATOR_KEYS].map(({ sha256 }) => sha256)
  return new Set(hashes).size === hashes.length
}

/** Order: the public door and the deadline. */
export const orderConfig = z
  .object({
    ...reacting,
    ...healthPort(3_101),
    ...door,
    CHOREO_ORDER_DEADLINE: variable(duration.default(msOf('10m')), {
      description: 'How long an order may take before its cancellation is asked for.',
      expected: 'a duration such as 500ms, 30s, 10m or 2h, at most 168h',
    }),
  })
  .refine(hasOneRolePerKey, {
    path: ['CHOREO_OPERATOR_KEYS'],
    message: 'each key only once, over callers and operators',
  })

/** Inventory: the stock that a new database begins with. */
export const inventoryConfig = z.object({
  ...reacting,
  ...healthPort(3_102),
  CHOREO_STOCK_UNITS: variable(whole(0, 1_000_000_000).default(1_000), {
    description: 'Units of each SKU that a new database begins with.',
    expected: 'a whole number from 0 to 1000000000',
  }),
})

/** Payment: its provider. */
export const paymentConfig = z.object({
  ...reacting,
  ...calling,
  ...healthPort(3_103),
  PAYMENT_PROVIDER_URL: variable(url('https?'), {
    description: 'The payment provider that charges and refunds.',
    expected: 'an http:// or https:// URL',
    secret: true,
  }),
})

/** Shipping: its carrier. */
export const shippingConfig = z.object({
  ...reacting,
  ...calling,
  ...healthPort(3_104),
  CARRIER_URL: variable(url('https?'), {
    description: 'The carrier that takes shipments.',
    expected: 'an http:// or https:// URL',
    secret: true,
  }),
})

/** The topology watch: the broker as its administrator, how often it looks, and when it raises an alarm. */
export const topologyWatchConfig = z.object({
  ...service,
  ...healthPort(3_106),
  AMQP_URL: servers.AMQP_URL,
  RABBITMQ_MANAGEMENT_URL: variable(addresses('https?'), {
    description:
      'The management API of RabbitMQ, with the credentials of an administrator; without them those of AMQP_URL are used. Of a cluster the addresses of its nodes.',
    expected: 'an http:// or https:// URL, or several separated by commas',
    secret: true,
  }),
  CHOREO_TOPOLOGY_WATCH: variable(duration.default(msOf('30s')), {
    description:
      'How long the topology watch waits before it compares the broker with the declaration again.',
    expected: 'a duration such as 500ms, 30s, 10m or 2h, at most 168h',
  }),
  CHOREO_DEAD_LETTER_ALARM: variable(whole(0, 1_000_000_000).default(100), {
    description: 'The topology watch raises an alarm when a service has more dead letters than this.',
    expected: 'a whole number from 0 to 1000000000',
  }),
  CHOREO_BROKER_USER_PREFIX: variable(
    z
      .string()
      .regex(/^[^\p{Cc}\p{Cs}]{1,200}$/u)
      .optional(),
    {
      description:
        'What stands before the names of the services as users of the broker, where it is shared with others.',
      expected: '1 to 200 characters without control characters',
    },
  ),
})

/** Tracking: the journal, and where what it tells is kept. */
export const trackingConfig = z.object({
  ...service,
  ...healthPort(3_105),
  AMQP_URL: servers.AMQP_URL,
  MONGODB_URL: servers.MONGODB_URL,
})

/** What every service that reacts to events reads, whatever else it does. */
export type ReactingConfig = z.output<z.ZodObject<typeof reacting & ReturnType<typeof healthPort>>>

/** What the services read, by service. */
export const configByService = {
  order: orderConfig,
  inventory: inventoryConfig,
  payment: paymentConfig,
  shipping: shippingConfig,
  tracking: trackingConfig,
  'topology-watch': topologyWatchConfig,
} as const

export type OrderConfig = z.output<typeof orderConfig>
export type InventoryConfig = z.output<typeof inventoryConfig>
export type TrackingConfig = z.output<typeof trackingConfig>
export type TopologyWatchConfig = z.output<typeof topologyWatchConfig>
