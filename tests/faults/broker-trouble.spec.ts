import { expect } from 'chai'
import { shopTopology } from '../../rabbitmq/participants.ts'
import { type OrderId, Sku } from '../../services/contract/ids.ts'
import { Cents } from '../../services/contract/money.ts'
import type { Event } from '../../services/contract/shop.ts'
import type { Order } from '../../services/order/domain.ts'
import type { OrderPort, OrderRequest } from '../../services/order/order-port.ts'
import { orderUseCases } from '../../services/order/order-use-cases.ts'
import { orderService } from '../../services/order/reactions.ts'
import { amqpBroker } from '../../shared/messaging/amqp/broker.ts'
import { applyDefinitions } from '../../shared/messaging/topology/apply.ts'
import { renderDefinitions } from '../../shared/messaging/topology/definitions.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { type Engine, startEngine } from '../../shared/saga/engine.ts'
import { memoryDoneCache, memoryStore } from '../../shared/storage/memory/store.ts'
import { until } from '../messaging/messages.ts'
import { shortWaitMs } from '../messaging/subjects.ts'
import { connectionMethod, startWire } from '../messaging/wire.ts'
import { needsMongo } from '../storage/adapters.ts'
import { logInto } from '../support/log.ts'
import { needs, rabbitmq, redis } from '../support/servers.ts'
import { openPaymentInbox, type PaymentInbox, rawOf, reserved } from './payment-inbox.ts'

const topology = shopTopology([shortWaitMs])
const request: OrderRequest = {
  customerId: 'ada',
  lines: [{ sku: Sku.parse('SKU-1'), quantity: 1 }],
  payment: { token: 'tok_approve' },
  shipTo: { name: 'Ada', line1: '1 High Street', city: 'London', postalCode: 'N1 9GU', country: 'GB' },
}

describe('a broker that loses what it was told, or hangs up', function () {
  this.timeout(90_000)
  needs(rabbitmq, redis)
  needsMongo()
  let inbox: PaymentInbox

  beforeEach(async () => {
    inbox = await openPaymentInbox()
  })
  afterEach(async () => {
    await inbox.close()
  })

  const at = (path: string) => path.replace('VHOST', inbox.subject.vhost)
  const remove = (path: string) => inbox.subject.api('DELETE', at(path))
  /** Declares again what is missing; the topology watch does the same. Users stay as they are. */
  const repair = async () => {
    const { users: _, ...rest } = renderDefinitions(topology, {
      ...{ vhost: inbox.subject.vhost, userPrefix: `${inbox.subject.vhost}-` },
    })
    await applyDefinitions(inbox.subject.api, rest)
  }
  const areCharged = (events: readonly Event[]) =>
    until(
      'all are charged',
      async () => {
        const all = await Promise.all(events.map(({ subject: orderId }) => inbox.statusOf(orderId)))
        return all.every(status => status === 'captured')
      },
      40_000,
    )
  const logged = (lines: readonly string[], text: RegExp) =>
    until(String(text), () => lines.some(line => text.test(line)), 20_000)

  it('[I23] lets a service notice that its inbox was deleted, and consume it once it is declared again', async () => {
    const engine = inbox.start()
    const [before, after] = [reserved(), reserved()]
    await inbox.send(rawOf(before))
    await areCharged([before])
    await remove('/api/queues/VHOST/payment.inbox')
    await logged(inbox.lines, /the broker cancelled a consumer .*payment\.inbox/)
    await until('it is not ready', () => !engine.ready())
    await repair()
    await until('it is ready again', () => engine.ready(), 20_000)
    await inbox.send(rawOf(after))
    await areCharged([after])
  })

  it('[I23] hangs up on a service again and again, and every event is applied once', async () => {
    const events = Array.from({ length: 300 }, () => reserved())
    inbox.start()
    const sending = Promise.all(events.map(event => inbox.send(rawOf(event))))
    for (const share of [20, 100, 200]) {
      await until(`${share} are charged`, () => inbox.charges.length >= share, 30_000)
      await inbox.subject.cut('payment')
    }
    await sending
    await areCharged(events)
    await until('the inbox is empty', async () => (await inbox.subject.ready('payment.inbox')) === 0)
    expect(await inbox.takeLetters()).to.deep.equal([])
    for (const { subject: orderId } of events)
      expect((await inbox.store.load(orderId))?.events.map(({ type }) => type)).to.deep.equal([
        'payment.captured',
      ])
    expect(inbox.lines.filter(line => line.startsWith('broker connection lost')).length).to.be.above(3)
  })

  it('[I23] takes no publishes: the service waits with what it took and begins nothing, and all is done afterwards', async () => {
    const url = new URL(inbox.subject.urlOf('payment'))
    const wire = await startWire(Number(url.port))
    url.port = String(wire.port)
    const { log } = inbox
    const world = { clock: systemClock, random: systemRandom, log }
    const broker = amqpBroker({ ...world, url: url.href, name: 'payment', confirmTimeoutMs: 500 })
    const engine = inbox.start({ broker })
    const [first, ...events] = [reserved(), reserved(), reserved(), reserved()] as const
    await inbox.send(rawOf(first))
    await areCharged([first])
    await until('it is idle', async () => (await inbox.subject.ready('shipping.inbox')) === 1)
    wire.inject(connectionMethod(60, Buffer.from('\x0alow memory', 'latin1')))
    await logged(inbox.lines, /broker blocks publishers/)
    await until('it is not ready', () => !engine.ready())
    for (const event of events) await inbox.send(rawOf(event))
    const isAway = /the dependency is still away .*broker-unavailable/
    await until(
      'it has looked three times',
      () => inbox.lines.filter(line => isAway.test(line)).length >= 3,
      20_000,
    )
    expect(inbox.lines.filter(line => /consuming goes on/.test(line))).to.deep.equal([])
    wire.inject(connectionMethod(61))
    await areCharged(events)
    // Several events may share a message, so orders are counted.
    const told = new Set<OrderId>()
    const isTold = async () => {
      for (const orderId of await inbox.takeOrders('shipping.inbox')) told.add(orderId)
      return [first, ...events].every(({ subject: orderId }) => told.has(orderId))
    }
    await until('all is told', isTold, 20_000)
    expect(await inbox.takeLetters()).to.deep.equal([])
    await inbox.halt(engine)
    await wire.close()
  })

  describe('while the order service publishes', () => {
    const store = memoryStore<Order>()
    let engine: Engine<Order>
    let orders: OrderPort
    let lines: string[]

    beforeEach(() => {
      lines = []
      const log = logInto(lines)
      engine = startEngine<Order>({
        ...{ service: orderService, store, done: memoryDoneCache() },
        ...{ broker: inbox.subject.as('order', log), prefetch: 8, log },
        ...{
          clock: systemClock,
          random: systemRandom,
          retryPolicy: { delays: [shortWaitMs], maxAttempts: 3 },
        },
      })
      const catalogue = [{ sku: Sku.parse('SKU-1'), unitPrice: Cents.parse(100) }]
      orders = orderUseCases(engine.context, { catalogue, deadlineMs: 600_000 })
    })
    afterEach(async () => {
      for (const step of engine.stopSteps) await step.run()
    })

    const place = async (): Promise<OrderId> => {
      const placing = await orders.place('ada', request, undefined)
      if (placing.kind !== 'placed') throw new Error(placing.kind)
      return placing.orderId
    }
    const unsentOf = async (orderId: OrderId) => (await store.load(orderId))?.unsent
    const unbind = (source: string, kind: 'q' | 'e', destination: string, key: string) =>
      remove(`/api/bindings/VHOST/e/${source}/${kind}/${destination}/${encodeURIComponent(key)}`)
    const isSent = (orderId: OrderId) =>
      until('it is sent', async () => (await unsentOf(orderId))?.length === 0, 30_000)
    const heard = async () => (await inbox.subject.peek('inventory.inbox')).map(({ messageId }) => messageId)

    it('[I25] keeps an event that no queue takes marked as unsent, and sends it after the repair', async () => {
      await isSent(await place())
      await unbind('saga.events', 'q', 'saga.journal', '#')
      await unbind('saga.events', 'e', 'saga.inboxes', 'order.placed')
      const orderId = await place()
      await logged(lines, /events stay marked as unsent .*publish-unroutable/)
      expect(await unsentOf(orderId)).to.deep.equal([`${orderId}:order:2`])
      expect(await heard()).to.not.include(`${orderId}:order:2`)
      await repair()
      await isSent(orderId)
      expect(await heard()).to.include(`${orderId}:order:2`)
    })

    it('[I25] keeps an event whose inbox is not bound any more, where an operator finds it', async () => {
      await unbind('saga.inboxes', 'q', 'inventory.inbox', 'order.placed')
      const orderId = await place()
      await isSent(orderId)
      const kept = await inbox.subject.peek('saga.unrouted')
      expect(kept.map(({ key, messageId }) => [key, messageId])).to.deep.equal([
        ['order.placed', `${orderId}:order:2`],
      ])
      expect(await heard()).to.deep.equal([])
    })
  })
})
