import { type Channel, type ConfirmChannel, connect, type GetMessage, type Options } from 'amqplib'
import { type OrderId, orderIdOf } from '../../services/contract/ids.ts'
import { type Event, shop } from '../../services/contract/shop.ts'
import type { Payment } from '../../services/payment/domain.ts'
import { paymentService } from '../../services/payment/reactions.ts'
import { decode, encode } from '../../shared/contract/envelope.ts'
import type { Broker, Delivery } from '../../shared/messaging/broker.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import type { Log } from '../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import type { RetryPolicy } from '../../shared/saga/consume/disposition.ts'
import type { Perform } from '../../shared/saga/define/service.ts'
import type { Store } from '../../shared/saga/document/store.ts'
import { type Engine, startEngine } from '../../shared/saga/engine.ts'
import { ensureDocumentIndexes, mongoStore } from '../../shared/storage/mongo/store.ts'
import { redisDoneCache } from '../../shared/storage/redis/done-cache.ts'
import { type RabbitMqSubject, rabbitMqSubject, shortWaitMs } from '../messaging/subjects.ts'
import { brokenWhile } from '../saga/engine-subjects.ts'
import { freshCollection } from '../storage/adapters.ts'
import { anEvent } from '../support/events.ts'
import { logInto } from '../support/log.ts'
import { redis } from '../support/servers.ts'

/** A dead letter with its bytes and properties as they are on the broker. */
export type ParkedLetter = Pick<GetMessage, 'properties'> & { readonly key: string; readonly body: Buffer }

/** What is sent to the inbox as a stranger could: any bytes with any properties. */
export type Raw = { readonly body: Buffer; readonly properties: Options.Publish; readonly key?: string }

/** On which broker it starts if not as payment on the subject's, what fails, and how often it is tried. */
type Start = {
  readonly broker?: Broker
  readonly isBroken?: (event: Event) => boolean
  readonly ladder?: Partial<RetryPolicy>
}

/** The payment service on RabbitMQ, MongoDB and Redis, with a log and an inbox that can be looked into. */
export type PaymentInbox = {
  readonly subject: RabbitMqSubject
  readonly store: Store<Payment>
  /** Where the store keeps its documents. */
  readonly collection: string
  readonly log: Log
  /** Every line of its log so far. */
  readonly lines: readonly string[]
  /** Every delivery that it got so far. */
  readonly deliveries: readonly Delivery[]
  /** What it charged so far, by order. */
  readonly charges: readonly OrderId[]
  start(how?: Start): Engine<Payment>
  halt(engine: Engine<Payment>): Promise<void>
  /** Publishes as the operator, who may use any key; resolves when the broker has confirmed it. */
  send(raw: Raw): Promise<void>
  /** Takes everything out of the dead letters. */
  takeLetters(): Promise<ParkedLetter[]>
  /** The orders that the messages of a queue speak of, each message taken out. */
  takeOrders(queue: string): Promise<OrderId[]>
  statusOf(order: OrderId): Promise<string | undefined>
  close(): Promise<void>
}

export const newOrder = (): OrderId => orderIdOf(systemRandom.id())

/** A new order's `inventory.reserved`, which payment charges. */
export const reserved = (orderId: OrderId = newOrder(), n = 1): Event =>
  ({ ...anEvent('inventory.reserved'), subject: orderId, id: `${orderId}:inventory:${n}` }) as Event

/** An event as a message that may be changed at will. */
export const rawOf = (event: Event, properties: Options.Publish = {}): Raw => {
  const { body, contentType } = encode(shop, [event])
  const usual = { contentType, messageId: event.id, type: event.type, correlationId: event.subject }
  return { body, properties: { ...usual, ...properties }, key: event.type }
}

/** Publishes it as the operator, who may use any key; resolves when the broker has confirmed it. */
export const publishEvent = async (subject: RabbitMqSubject, event: Event): Promise<void> => {
  const operator = await connect(subject.urlOf('operator'))
  await publishRaw(await operator.createConfirmChannel(), rawOf(event))
  await operator.close()
}

const publishRaw = async (
  channel: ConfirmChannel,
  { body, properties, key = 'inventory.reserved' }: Raw,
): Promise<void> => {
  channel.publish('saga.events', key, body, { persistent: true, ...properties })
  await channel.waitForConfirms()
}

export const openPaymentInbox = async (
  delays: readonly number[] = [shortWaitMs],
  collection = freshCollection(),
): Promise<PaymentInbox> => {
  const subject = await rabbitMqSubject(delays)
  await ensureDocumentIndexes(collection)
  const store = mongoStore<Payment>(shop, collection)
  const lines: string[] = []
  const log = logInto(lines)
  const done = redisDoneCache({
    ...{ url: await redis(), service: `payment-${systemRandom.id()}`, clock: systemClock, log },
  })
  const charges: OrderId[] = []
  const approve: Perform = async (_, { subject: orderId }) => {
    charges.push(orderId)
    return { answer: { outcome: 'captured' } }
  }
  const deliveries: Delivery[] = []
  const running = new Set<Engine<Payment>>()
  const operator = await connect(subject.urlOf('operator'))
  const channel = await operator.createConfirmChannel()
  const reader = await operator.createChannel()
  const halt = async (engine: Engine<Payment>) => {
    if (!running.delete(engine)) return
    for (const step of engine.stopSteps) await step.run()
  }
  const usual = { delays, maxAttempts: 3 }
  return {
    ...{ subject, store, log, lines, deliveries, charges, halt, collection: collection.collectionName },
    start: ({
      broker = subject.as('payment', log),
      isBroken = () => false,
      ladder: retryPolicy = {},
    } = {}) => {
      const engine = startEngine<Payment>({
        service: brokenWhile(isBroken, paymentService(approve, 100)),
        broker: recorded(broker, deliveries),
        ...{ store, done, prefetch: 64, clock: systemClock, random: systemRandom, log },
        retryPolicy: { ...usual, ...retryPolicy },
      })
      running.add(engine)
      return engine
    },
    send: raw => publishRaw(channel, raw),
    takeLetters: () => takeAll(reader, 'payment.dlq'),
    takeOrders: async queue =>
      (await takeAll(reader, queue)).flatMap(({ body, properties }) =>
        decode(shop, body, properties.contentType).flatMap(item =>
          'event' in item ? [item.event.subject] : [],
        ),
      ),
    statusOf: async order => (await store.load(order))?.state.status,
    close: async () => {
      for (const engine of running) await halt(engine)
      done.close()
      await operator.close()
      await subject.stop()
    },
  }
}

const takeAll = async (channel: Channel, queue: string): Promise<ParkedLetter[]> => {
  const found = await channel.get(queue, { noAck: true })
  if (!found) return []
  const letter = { key: found.fields.routingKey, body: found.content, properties: found.properties }
  return [letter, ...(await takeAll(channel, queue))]
}

const recorded = (broker: Broker, deliveries: Delivery[]): Broker => ({
  ...broker,
  consumer: options =>
    broker.consumer({
      ...options,
      onDelivery: delivery => {
        deliveries.push(delivery)
        options.onDelivery(delivery)
      },
    }),
})
