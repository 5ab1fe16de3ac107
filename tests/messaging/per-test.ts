import type { Broker, Consumer, Delivery, Publisher } from '../../shared/messaging/broker.ts'
import { simulatedSubject } from '../simulation/world/broker-subject.ts'
import { needs, rabbitmq } from '../support/servers.ts'
import { message, until } from './messages.ts'
import { memorySubject, rabbitMqSubject, type Subject } from './subjects.ts'

type Adapter = { name: string; servers: (() => Promise<unknown>)[]; make: () => Promise<Subject> }

/** Every broker that has to keep the promises of the port. */
export const adapters: readonly Adapter[] = [
  { name: 'in memory', servers: [], make: memorySubject },
  { name: 'simulated', servers: [], make: simulatedSubject },
  { name: 'RabbitMQ', servers: [rabbitmq], make: rabbitMqSubject },
]

/** A consumer of a test with everything that it got, in order of arrival. */
export type Consuming = { consumer: Consumer; got: Delivery[]; starts: { count: number } }

type Each = (delivery: Delivery) => void

type Open = { subject: Subject; broker: Broker; publisher: Publisher; ends: (Consumer | Publisher)[] }

/**
 * A fresh broker for each test of the enclosing suite; everything opened through it is closed after the test.
 */
export const brokerPerTest = ({ servers, make }: Adapter) => {
  let open: Open | undefined
  const now = (): Open => {
    if (!open) throw new Error('outside of a test')
    return open
  }
  needs(...servers)
  beforeEach(async () => {
    const subject = await make()
    const broker = subject.as('operator')
    const publisher = broker.publisher()
    open = { subject, broker, publisher, ends: [publisher] }
  })
  afterEach(async () => {
    const { ends, subject } = now()
    await Promise.all(ends.map(end => end.close(1_000)))
    await subject.stop()
  })
  return {
    subject: () => now().subject,
    publish: (...given: Parameters<typeof message>) => now().publisher.publish(message(...given)),
    publishAll: (messageIds: readonly string[]) =>
      Promise.all(messageIds.map(id => now().publisher.publish(message(id)))),
    publisher: () => now().publisher,
    publisherAs: (user: string) => {
      const publisher = now().subject.as(user).publisher()
      now().ends.push(publisher)
      return publisher
    },
    consume: (queue: string, prefetch: number, each: Each = () => {}): Consuming => {
      const [got, starts]: [Delivery[], { count: number }] = [[], { count: 0 }]
      const onDelivery = (delivery: Delivery) => {
        got.push(delivery)
        each(delivery)
      }
      const onFreshStart = () => {
        starts.count += 1
      }
      const consumer = now().broker.consumer({ queue, prefetch, onDelivery, onFreshStart })
      now().ends.push(consumer)
      return { consumer, got, starts }
    },
    readyIs: (queue: string, count: number) =>
      until(`${count} in ${queue}`, async () => (await now().subject.ready(queue)) === count),
  }
}

export const atLeast = (got: readonly unknown[], count: number) =>
  until(`${count} deliveries`, () => got.length >= count)
