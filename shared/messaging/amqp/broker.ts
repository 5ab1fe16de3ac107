import type { Random } from '../../runtime/random.ts'
import type { Log } from '../../runtime/telemetry/log.ts'
import type { Clock } from '../../runtime/time/clock.ts'
import type { Broker } from '../broker.ts'
import { amqpConsumer } from './consumer.ts'
import { amqpPublisher } from './publisher.ts'

/**
 * RabbitMQ over AMQP 0-9-1. It declares nothing: queues, exchanges and rights come from the topology.
 * @throws SagaError `config-invalid` from `publisher` and `consumer` when the URL is none
 */
export const amqpBroker = (options: {
  /** `amqp://user:password@host:port/vhost`; never logged. */
  url: string
  /** Who connects, usually the service; names the connections and is the `appId` of its messages. */
  name: string
  clock: Clock
  random: Random
  log: Log
  /** How long a publish may stay unconfirmed, or wait while nothing moves, in milliseconds. */
  confirmTimeoutMs?: number
  /** How many publishes may be unconfirmed at once. */
  window?: number
  /** The longest that an acknowledgement waits for others, in milliseconds. */
  ackEveryMs?: number
}): Broker => {
  const { url, name, clock, random, log } = options
  const { confirmTimeoutMs = 10_000, window = 512, ackEveryMs = 50 } = options
  const base = { url, clock, random, log }
  return {
    publisher: () =>
      amqpPublisher({ ...base, name: `${name} publishes`, appId: name, confirmTimeoutMs, window }),
    consumer: ({ queue, ...how }) =>
      amqpConsumer({ ...base, name: `${name} consumes ${queue}`, queue, ackEveryMs, ...how }),
  }
}
