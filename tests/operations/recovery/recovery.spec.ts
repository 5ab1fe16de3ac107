import { expect } from 'chai'
import { shopTopology } from '../../../rabbitmq/participants.ts'
import type { OrderId } from '../../../services/contract/ids.ts'
import { shop, type Event as Told } from '../../../services/contract/shop.ts'
import { amqpJournalSpan } from '../../../shared/messaging/amqp/journal-range.ts'
import type { OutgoingMessage, Publisher } from '../../../shared/messaging/broker.ts'
import type { ReadCounts } from '../../../shared/messaging/queue-counts.ts'
import { renderDefinitions } from '../../../shared/messaging/topology/definitions.ts'
import type { ManagementCall } from '../../../shared/messaging/topology/management.ts'
import { drainUnrouted } from '../../../shared/operations/recovery/drain-unrouted.ts'
import { recovery } from '../../../shared/operations/recovery/recovery.ts'
import { type Gauges, textGauges } from '../../../shared/operations/topology/gauges.ts'
import { type TopologyWatch, topologyWatch } from '../../../shared/operations/topology/watch.ts'
import { SagaError } from '../../../shared/runtime/errors.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../../shared/runtime/time/clock.ts'
import { until } from '../../messaging/messages.ts'
import { shortWaitMs } from '../../messaging/subjects.ts'
import { eventOf, messageOf, needsWorld, newOrder, type OperatorWorld, openWorld } from '../world.ts'

const slow = 60_000
const definitionsOf = (vhost: string) =>
  renderDefinitions(shopTopology([shortWaitMs]), { vhost, userPrefix: `${vhost}-` })

describe('what the inboxes missed while something was missing', function () {
  this.timeout(180_000)
  needsWorld()
  let world: OperatorWorld
  let gauges: Gauges & { text(): string }
  let watch: TopologyWatch
  let charged: OrderId[]
  let aheadMs: number

  const never = new AbortController().signal
  type Changes = { api?: ManagementCall; counts?: ReadCounts; publisher?: () => Publisher }
  const watchOf = (changes: Changes = {}) => {
    const clock = { ...systemClock, now: () => systemClock.now() + aheadMs }
    const declared = { vhost: world.vhost, definitions: definitionsOf(world.vhost) }
    const { api = world.api, counts = world.counts, publisher = world.operations.publisher } = changes
    const options = { clock, gauges, log: silentLog }
    const again = recovery({
      saga: shop,
      ...{ ...options, clock: systemClock, declared: declared.definitions, publisher, signal: never },
      walkThrough: world.operations.browseQueue,
      readSpan: amqpJournalSpan({
        stream: 'saga.journal',
        url: world.urlOf('operator'),
        clock: systemClock,
        log: silentLog,
      }),
    })
    return topologyWatch({
      names: shop.names,
      ...options,
      api,
      counts,
      declared,
      services: [],
      deadLetterAlarm: 1,
      recovery: again,
    })
  }

  beforeEach(async () => {
    world = await openWorld()
    gauges = textGauges()
    charged = []
    aheadMs = 0
    watch = watchOf()
  })
  afterEach(() => world.close())

  const remove = (path: string) => world.api('DELETE', `/api/${path.replace('VHOST', world.vhost)}`)
  const ofInbox = 'bindings/VHOST/e/saga.inboxes/q/payment.inbox/inventory.reserved'
  const ofExchange = 'bindings/VHOST/e/saga.events/e/saga.inboxes/inventory.reserved'
  const reserved = (order: OrderId) => messageOf(eventOf('inventory.reserved', order))
  const publish = async (count: number): Promise<OrderId[]> => {
    const orders = Array.from({ length: count }, newOrder)
    await Promise.all(orders.map(order => world.publish(reserved(order))))
    return orders
  }
  const startPayment = () =>
    world.start(async (_, { subject: orderId }) => {
      charged.push(orderId)
      return { answer: { outcome: 'captured' } }
    })
  const areCaptured = (orders: readonly OrderId[]) =>
    until(
      'all are captured',
      async () => {
        const all = await Promise.all(orders.map(order => world.store.load(order)))
        return all.every(one => one?.state.status === 'captured')
      },
      slow,
    )
  const lie = (queue: string, count: number) =>
    until(`${count} in ${queue}`, async () => (await world.ready(queue)) === count, slow)
  const figure = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(gauges.text())?.[1] ?? 0)
  const resent = () => figure('choreo_journal_resent_total')
  const drained = () => figure('choreo_unrouted_drained_total')

  const losses: [string, string][] = [
    ['the binding of an inbox was removed', ofInbox],
    ['the binding between the exchanges was removed', ofExchange],
  ]
  for (const [what, path] of losses)
    it(`[I25] brings every event to its inbox when ${what}, once, and the next look sends nothing`, async () => {
      startPayment()
      await watch.look()
      await remove(path)
      const orders = await publish(250)
      expect(charged).to.deep.equal([])
      await watch.look()
      await areCaptured(orders)
      await lie('saga.unrouted', 0)
      expect(charged).to.have.members(orders)
      const sent = [resent(), drained()]
      await watch.look()
      expect([resent(), drained()]).to.deep.equal(sent)
      expect(resent()).to.be.at.least(250)
    })

  it('brings back what lay in a deleted inbox', async () => {
    await watch.look()
    const orders = await publish(3)
    await lie('payment.inbox', 3)
    await remove('queues/VHOST/payment.inbox')
    await watch.look()
    expect(resent()).to.equal(3)
    startPayment()
    await areCaptured(orders)
    expect(charged).to.have.members(orders)
  })

  it('leaves to the deadline of its order what is older than the last look at which all was well', async () => {
    await publish(3)
    aheadMs = 60_000
    await watch.look()
    await remove('queues/VHOST/payment.inbox')
    await watch.look()
    expect(resent()).to.equal(0)
    expect(await world.ready('payment.inbox')).to.equal(0)
    expect(figure('choreo_recovery_pending')).to.equal(0)
  })

  it('sends only to the inbox that missed it, and only the types whose way was broken', async () => {
    await watch.look()
    await remove(ofInbox)
    await publish(2)
    await world.publish(messageOf(eventOf('shipment.refused', newOrder(), 'shipping')))
    await lie('payment.inbox', 1)
    const others = await world.ready('inventory.inbox')
    await remove(ofExchange)
    await watch.look()
    expect(resent()).to.equal(2)
    // Two from `saga.unrouted` and the same two from the journal.
    await lie('payment.inbox', 5)
    expect(await world.ready('inventory.inbox')).to.equal(others)
  })

  it('does not send on what its owner did not send', async () => {
    await watch.look()
    await remove(ofExchange)
    const forged: OutgoingMessage = {
      ...messageOf(eventOf('shipment.refused', newOrder(), 'shipping')),
      key: 'inventory.reserved',
    }
    await world.publish(forged)
    const unread = { ...eventOf('shipment.refused', newOrder(), 'shipping'), version: 99 } as Told
    await world.publish({ ...messageOf(unread), key: 'inventory.reserved' })
    await publish(1)
    await watch.look()
    expect(resent()).to.equal(1)
    await lie('payment.inbox', 1)
  })

  it('sends what lies in saga.unrouted also when somebody else declared the binding again', async () => {
    startPayment()
    await remove(ofInbox)
    const orders = await publish(3)
    await lie('saga.unrouted', 3)
    await world.api('POST', `/api/${ofInbox.replace('VHOST', world.vhost).replace(/.[^/]*$/, '')}`, {
      routing_key: 'inventory.reserved',
    })
    await until(
      'they are sent',
      async () => {
        await watch.look()
        return drained() === 3
      },
      slow,
    )
    await areCaptured(orders)
    await lie('saga.unrouted', 0)
  })

  it('sends what lies in saga.unrouted also when nobody can tell how much that is', async () => {
    // As the management API answers without statistics.
    const api: ManagementCall = async (method, path, body) => {
      const answer = await world.api(method, path, body)
      if (!path.startsWith('/api/queues/')) return answer
      return (answer as object[]).map(row => ({ ...row, messages_ready: undefined, consumers: undefined }))
    }
    const uncounted = async () => Promise.reject(new SagaError('broker-unavailable', 'x'))
    // Nothing is missing, so that nothing else is a reason to send.
    for (let i = 0; i < 3; i++) await world.publish({ ...reserved(newOrder()), exchange: 'saga.unrouted' })
    await lie('saga.unrouted', 3)
    await watchOf({ api, counts: uncounted }).look()
    expect(drained()).to.equal(3)
    await lie('saga.unrouted', 0)
  })

  it('leaves what nobody hears in saga.unrouted, under its alarm', async () => {
    await world.publish({ ...reserved(newOrder()), exchange: 'saga.inboxes', key: 'x' })
    await until(
      'the alarm',
      async () => {
        await watch.look()
        return watch.alarms.some(({ name }) => name === 'messages that no inbox takes')
      },
      slow,
    )
    expect((await world.peek('saga.unrouted')).map(({ key }) => key)).to.deep.equal(['x'])
    expect(drained()).to.equal(0)
  })

  it('comes to each message of saga.unrouted once, also when all of them come back', async () => {
    await remove(ofInbox)
    await publish(3)
    await lie('saga.unrouted', 3)
    const { browseQueue, publisher } = world.operations
    const sender = { publisher: publisher(), walkThrough: browseQueue, clock: systemClock, signal: never }
    expect(await drainUnrouted(shop.names, sender, new Set(['inventory.reserved']))).to.equal(3)
    await lie('saga.unrouted', 3)
  })

  it('sends again what it could not send, after the next look', async () => {
    let fails = true
    const publisher = () => ({
      ...world.operations.publisher(),
      publish: (message: OutgoingMessage) =>
        fails ? Promise.reject(new SagaError('broker-unavailable', 'x')) : world.publish(message),
    })
    const unlucky = watchOf({ publisher })
    await unlucky.look()
    await remove(ofExchange)
    const orders = await publish(2)
    await unlucky.look()
    expect([resent(), figure('choreo_recovery_pending')]).to.deep.equal([0, 1])
    fails = false
    await unlucky.look()
    expect([resent(), figure('choreo_recovery_pending')]).to.deep.equal([2, 0])
    startPayment()
    await areCaptured(orders)
  })

  it('sends again what was missed also when the answer to the repair was lost', async () => {
    let lost = false
    const api: ManagementCall = async (method, path, body) => {
      const answer = await world.api(method, path, body)
      if (method !== 'POST' || lost) return answer
      lost = true
      throw new Error('the answer was lost')
    }
    const unlucky = watchOf({ api })
    await unlucky.look()
    await remove(ofExchange)
    const orders = await publish(2)
    await unlucky.look()
    expect([lost, unlucky.sees, resent()]).to.deep.equal([true, false, 0])
    await unlucky.look()
    expect(resent()).to.equal(2)
    startPayment()
    await areCaptured(orders)
  })
})
