import { amqpBroker } from '../../shared/messaging/amqp/broker.ts'
import type { Broker, Consumer, Delivery, Publisher } from '../../shared/messaging/broker.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import type { Log } from '../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { needs, rabbitmq } from '../support/servers.ts'
import { until } from './messages.ts'
import { type RabbitMqSubject, rabbitMqSubject } from './subjects.ts'

type Open = { subject: RabbitMqSubject; ends: (Publisher | Consumer)[]; lines: string[] }

/**
 * A fresh vhost on RabbitMQ for each test of the enclosing suite, and brokers whose log can be read; closed
 * after the test.
 */
export const rabbitMqPerTest = () => {
  let open: Open | undefined
  const now = (): Open => {
    if (!open) throw new Error('outside of a test')
    return open
  }
  needs(rabbitmq)
  beforeEach(async () => {
    open = { subject: await rabbitMqSubject(), ends: [], lines: [] }
  })
  afterEach(async () => {
    await Promise.all(now().ends.map(end => end.close(1_000)))
    await now().subject.stop()
  })
  const note = (text: string, fields = {}) => void now().lines.push(`${text} ${JSON.stringify(fields)}`)
  const log: Log = { info: note, warn: note, error: note }
  return {
    subject: () => now().subject,
    lines: () => now().lines,
    logged: (text: string) => until(text, () => now().lines.some(line => line.includes(text))),
    brokerAt: (url: string, more: { confirmTimeoutMs?: number; window?: number } = {}): Broker =>
      amqpBroker({ url, name: 'test', clock: systemClock, random: systemRandom, log, ...more }),
    publisherOf: (broker: Broker): Publisher => {
      const publisher = broker.publisher()
      now().ends.push(publisher)
      return publisher
    },
    consumerOf: (broker: Broker, queue: string, onDelivery: (delivery: Delivery) => void): Consumer => {
      const consumer = broker.consumer({ queue, prefetch: 100, onDelivery })
      now().ends.push(consumer)
      return consumer
    },
  }
}
