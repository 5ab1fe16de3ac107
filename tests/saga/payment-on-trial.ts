import type { OrderId } from '../../services/contract/ids.ts'
import { type Event, shop } from '../../services/contract/shop.ts'
import { encode } from '../../shared/contract/envelope.ts'
import type { OutgoingMessage, Publisher } from '../../shared/messaging/broker.ts'
import type { Perform } from '../../shared/saga/define/service.ts'
import { until } from '../messaging/messages.ts'
import { shortWaitMs } from '../messaging/subjects.ts'
import { eventAbout } from '../support/events.ts'
import { type KernelSubject, kernelSubjects } from './engine-subjects.ts'

export const reserved = (orderId: OrderId) => eventAbout(orderId, 'inventory.reserved')
export const refused = (orderId: OrderId) => eventAbout(orderId, 'shipment.refused')

export const message = (...events: [Event, ...Event[]]): OutgoingMessage => ({
  ...encode(shop, events),
  exchange: 'saga.events',
  key: events[0].type,
  type: events[0].type,
  messageId: events[0].id,
})

/** To the inbox alone, as a replay does: by way of a wait queue, since no service may write to an inbox. */
export const again = (event: Event, resend?: string): OutgoingMessage => ({
  ...message(event),
  exchange: `saga.wait.${shortWaitMs / 1_000}s`,
  key: 'payment.inbox',
  ...(resend !== undefined && { headers: { 'x-resend': resend } }),
})

/** The message of this event as a newer release writes it. */
export const inUnknownVersion = (event: Event): OutgoingMessage => {
  const element = JSON.parse(encode(shop, [event]).body.toString())
  const body = Buffer.from(JSON.stringify({ ...element, dataversion: 99, data: { nobody: 'knows' } }))
  return { ...message(event), body }
}

/** The payment service and those around it. */
export type PaymentOnTrial = {
  readonly world: KernelSubject
  /** The orders whose provider was asked by `approve`. */
  readonly charges: readonly string[]
  readonly approve: Perform
  /** Publishes as the service that owns the event; to its own inbox as payment. */
  send(outgoing: OutgoingMessage): Promise<void>
  /** The ids of the messages that shipping has got. */
  atShipping(): Promise<readonly string[]>
  parked(): ReturnType<KernelSubject['peek']>
  /** Resolves when the order has this status on record. */
  documentIs(orderId: OrderId, status: string): Promise<void>
}

const onTrial = (world: KernelSubject): PaymentOnTrial & { end(): Promise<void> } => {
  const charges: string[] = []
  const publishers = new Map<string, Publisher>()
  const publisherAs = (user: string): Publisher => {
    const known = publishers.get(user) ?? world.as(user).publisher()
    publishers.set(user, known)
    return known
  }
  return {
    ...{ world, charges },
    approve: async (_, { subject: orderId }) => {
      charges.push(orderId)
      return { answer: { outcome: 'captured' } }
    },
    send: async outgoing => {
      const owner = outgoing.key.startsWith('shipment') ? 'shipping' : 'inventory'
      await publisherAs(outgoing.exchange === 'saga.events' ? owner : 'payment').publish(outgoing)
    },
    atShipping: async () => (await world.peek('shipping.inbox')).map(({ messageId }) => messageId),
    parked: () => world.peek('payment.dlq'),
    documentIs: (orderId, status) =>
      until(
        `${orderId} is ${status}`,
        async () => (await world.store.load(orderId))?.state.status === status,
      ),
    end: async () => {
      for (const publisher of publishers.values()) await publisher.close(1_000)
      await world.stop()
    },
  }
}

/**
 * Runs these tests with the payment service in memory, and once more on real servers; `given` has the one of
 * the test that runs.
 */
export const onEveryAdapter = (subject: string, tests: (given: () => PaymentOnTrial) => void): void => {
  for (const { name, prepare, open } of kernelSubjects)
    describe(`${subject} ${name}`, () => {
      prepare()
      let running: ReturnType<typeof onTrial>
      beforeEach(async () => {
        running = onTrial(await open())
      })
      afterEach(() => running.end())
      tests(() => running)
    })
}
