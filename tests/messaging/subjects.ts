import { connect } from 'amqplib'
import { shopTopology } from '../../rabbitmq/participants.ts'
import { amqpBroker } from '../../shared/messaging/amqp/broker.ts'
import type { Broker } from '../../shared/messaging/broker.ts'
import { memoryBroker } from '../../shared/messaging/memory/broker.ts'
import { applyDefinitions } from '../../shared/messaging/topology/apply.ts'
import { renderDefinitions } from '../../shared/messaging/topology/definitions.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { type Log, silentLog } from '../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { vhost } from '../support/servers.ts'

/** What lies in a queue. */
export type Found = { messageId: string; key: string; body: string; headers: Record<string, unknown> }

/** A broker with the topology of the shop and one short wait queue. */
export type Subject = {
  as(user: string): Broker
  ready(queue: string): Promise<number>
  /** What is ready, in order. */
  peek(queue: string): Promise<Found[]>
  /** Cuts every connection of a user. */
  cut(user: string): Promise<void>
  stop(): Promise<void>
}

export const shortWaitMs = 200
const topology = shopTopology([shortWaitMs])

export const memorySubject = async (): Promise<Subject> => {
  const broker = memoryBroker({ topology, clock: systemClock })
  return {
    as: broker.as,
    ready: async queue => broker.depth(queue).ready,
    peek: async queue =>
      broker.peek(queue).map(({ messageId, key, body, headers }) => ({
        ...{ messageId, key, body: body.toString(), headers: { ...headers } },
      })),
    cut: async user => broker.dropConnections(user),
    stop: async () => {},
  }
}

/** What tests of RabbitMQ alone need besides. */
export type RabbitMqSubject = Subject & {
  readonly vhost: string
  /** As `as`, with a log that the test reads. */
  as(user: string, log?: Log): Broker
  /** A URL of a user of the topology in its own vhost. */
  urlOf(user: string): string
  api(method: string, path: string, body?: unknown): Promise<unknown>
}

const passwordOf = (user: string) => `${user}-secret`

/** A vhost of its own with users of its own, so that tests may run side by side on one broker. */
export const rabbitMqSubject = async (
  delays: readonly number[] = [shortWaitMs],
): Promise<RabbitMqSubject> => {
  const topology = shopTopology(delays)
  const { name, amqpUrl, api, drop } = await vhost()
  const userPrefix = `${name}-`
  const users = topology.users.map(user => user.name)
  const passwords = Object.fromEntries(users.map(user => [user, passwordOf(user)]))
  const secrets = { passwords, random: systemRandom }
  const definitions = renderDefinitions(topology, { vhost: name, userPrefix, secrets })
  await applyDefinitions(api, definitions)
  const admin = await connect(amqpUrl)
  const channel = await admin.createChannel()
  const urlOf = (user: string) => {
    const url = new URL(amqpUrl)
    url.username = `${userPrefix}${user}`
    url.password = passwordOf(user)
    return url.href
  }
  const options = { clock: systemClock, random: systemRandom }
  return {
    ...{ vhost: name, urlOf, api },
    as: (user: string, log: Log = silentLog) => amqpBroker({ ...options, log, url: urlOf(user), name: user }),
    ready: async queue => (await channel.checkQueue(queue)).messageCount,
    peek: queue => peek(api, name, queue),
    cut: async user => {
      await api('DELETE', `/api/connections/username/${userPrefix}${user}`)
    },
    stop: async () => {
      await admin.close()
      for (const user of users) await api('DELETE', `/api/users/${userPrefix}${user}`)
      await drop()
    },
  }
}

type Got = {
  payload: string
  routing_key: string
  properties: { message_id: string; headers?: Record<string, unknown> }
}

const peek = async (api: RabbitMqSubject['api'], vhostName: string, queue: string): Promise<Found[]> => {
  const how = { count: 1000, ackmode: 'ack_requeue_true', encoding: 'auto' }
  const got = (await api('POST', `/api/queues/${vhostName}/${queue}/get`, how)) as Got[]
  return got.map(({ payload, routing_key: key, properties }) => ({
    ...{ messageId: properties.message_id, key, body: payload, headers: { ...properties.headers } },
  }))
}
