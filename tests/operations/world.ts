import { type OrderId, orderIdOf } from '../../services/contract/ids.ts'
import { type Event, type EventType, shop } from '../../services/contract/shop.ts'
import { reactingServices } from '../../services/reacting-services.ts'
import { encode } from '../../shared/contract/envelope.ts'
import { amqpBrowseQueue } from '../../shared/messaging/amqp/queue-browser.ts'
import { amqpCounts } from '../../shared/messaging/amqp/queue-counts.ts'
import type { OutgoingMessage, Publisher } from '../../shared/messaging/broker.ts'
import type { ReadCounts } from '../../shared/messaging/queue-counts.ts'
import type { Operations } from '../../shared/operations/operations.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import type { RabbitMqSubject } from '../messaging/subjects.ts'
import { type KernelSubject, kernelSubjects } from '../saga/engine-subjects.ts'
import { anEvent } from '../support/events.ts'

/** The payment service on real servers, and an operator beside it. */
export type OperatorWorld = KernelSubject &
  RabbitMqSubject & {
    readonly operations: Operations
    readonly counts: ReadCounts
    publish(outgoing: OutgoingMessage): Promise<void>
    close(): Promise<void>
  }

const [, real] = kernelSubjects
if (!real) throw new Error('no kernel on real servers')

/** Starts the servers that an operator's world needs, before the tests of the enclosing suite. */
export const needsWorld = (): void => real.prepare()

export const openWorld = async (): Promise<OperatorWorld> => {
  const subject = (await real.open()) as KernelSubject & RabbitMqSubject // the second subject runs on RabbitMQ
  const publishers: Publisher[] = []
  const publisher = () => {
    const made = subject.as('operator').publisher()
    publishers.push(made)
    return made
  }
  const ports = { clock: systemClock, random: systemRandom, log: silentLog }
  const operations: Operations = {
    ...{ ...ports, publisher, saga: shop, services: reactingServices },
    browseQueue: amqpBrowseQueue({ url: subject.urlOf('operator'), ...ports }),
    document: (_, orderId) => subject.store.load(orderId),
    stuck: (_, limit) => subject.store.stuck(limit),
  }
  const sender = publisher()
  const close = async () => {
    await Promise.all(publishers.map(one => one.close(1_000)))
    await subject.stop()
  }
  const counts = amqpCounts({ url: subject.urlOf('operator'), ...ports })
  return { ...subject, operations, counts, publish: message => sender.publish(message), close }
}

export const newOrder = (): OrderId => orderIdOf(systemRandom.id())

/** An event of this order as its owner would record it first. */
export const eventOf = (type: EventType, orderId: OrderId, by = 'inventory'): Event =>
  ({ ...anEvent(type), subject: orderId, id: `${orderId}:${by}:1` }) as Event

/** The message that carries an event to those who hear it. */
export const messageOf = (event: Event): OutgoingMessage => ({
  ...encode(shop, [event]),
  ...{ exchange: 'saga.events', key: event.type, type: event.type },
  ...{ messageId: event.id, correlationId: event.subject },
})
