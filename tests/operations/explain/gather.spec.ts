import { expect } from 'chai'
import { shopTopology } from '../../../rabbitmq/participants.ts'
import type { OrderId } from '../../../services/contract/ids.ts'
import { type Event, shop } from '../../../services/contract/shop.ts'
import { applyDefinitions } from '../../../shared/messaging/topology/apply.ts'
import { renderDefinitions } from '../../../shared/messaging/topology/definitions.ts'
import { replay } from '../../../shared/operations/dead-letters/replay.ts'
import { explain, type Verdict } from '../../../shared/operations/explain/explain.ts'
import { gather, type Sources, why } from '../../../shared/operations/explain/gather.ts'
import { readinessAt } from '../../../shared/operations/explain/readiness.ts'
import type { Operations } from '../../../shared/operations/operations.ts'
import { codeOf, SagaError } from '../../../shared/runtime/errors.ts'
import { applyChange, blank } from '../../../shared/saga/document/document.ts'
import { until } from '../../messaging/messages.ts'
import { shortWaitMs } from '../../messaging/subjects.ts'
import { eventOf, messageOf, needsWorld, newOrder, type OperatorWorld, openWorld } from '../world.ts'

const longWaitMs = 60_000

describe('why, asked on real servers', function () {
  this.timeout(120_000)
  needsWorld()
  let world: OperatorWorld
  let sources: Sources
  const broken = new Set<string>()
  beforeEach(async () => {
    world = await openWorld()
    broken.clear()
    sources = { broker: { api: world.api, counts: world.counts, vhost: world.vhost }, delays: [shortWaitMs] }
  })
  afterEach(() => world.close())

  const reserved = (order: OrderId) => ({
    ...eventOf('inventory.reserved', order),
    at: new Date(Date.now() - 60_000).toISOString(),
  })
  /** Inventory has reserved, as its document says; payment's document is the real one. */
  const operations = (): Operations => ({
    ...world.operations,
    document: async (service, order) => {
      if (service === 'payment') return world.store.load(order)
      if (service !== 'inventory') return undefined
      return applyChange(blank(order, {}), { events: [reserved(order)] })
    },
  })
  const ask = (order: OrderId, more: Partial<Sources> = {}) =>
    why(operations(), { ...sources, ...more }, order)
  const start = () =>
    world.start(async () => ({ answer: { outcome: 'captured' } }), {
      isBroken: ({ subject: orderId }: Event) => broken.has(orderId),
    })
  const kindsOf = async (order: OrderId, more: Partial<Sources> = {}) =>
    (await ask(order, more)).causes.map(({ kind, service }) => `${service} ${kind}`)

  it('finds a dead letter, says how to replay it, and after the replay the next step', async () => {
    const order = newOrder()
    broken.add(order)
    start()
    await world.publish(messageOf(reserved(order)))
    await until('it is parked', async () => (await world.ready('payment.dlq')) === 1)
    const verdict = await ask(order)
    expect(verdict.causes.map(({ kind }) => kind)).to.deep.equal(['parked'])
    expect(verdict.words).to.match(/TypeError/)
    broken.clear()
    await replay(world.operations, 'payment', { subject: order })
    await until(
      'shipping is awaited',
      async () => (await kindsOf(order)).join() === 'shipping no-consumer',
      40_000,
    )
    expect(await world.ready('payment.dlq')).to.equal(0)
  })

  it('finds an event in the inbox of a service that does not run', async () => {
    const order = newOrder()
    await world.publish(messageOf(reserved(order)))
    await until(
      'the broker says so',
      async () => (await kindsOf(order)).join() === 'payment no-consumer',
      40_000,
    )
    const words = /^payment does not run: .*, where 1 message waits$/
    await until('the broker says how many', async () => words.test((await ask(order)).words), 40_000)
    expect(await kindsOf(order, { readiness: readinessAt({ payment: 'http://127.0.0.1:9' }) })).to.deep.equal(
      ['payment no-consumer'],
    )
  })

  it('finds the full queue of others for which what a service says stays unsent', async () => {
    const at = (path: string) => `/api/${path.replace('VHOST', world.vhost)}`
    await world.api('PUT', at('queues/VHOST/fraud.inbox'), {
      durable: true,
      arguments: { 'x-queue-type': 'quorum', 'x-max-length': 2, 'x-overflow': 'reject-publish' },
    })
    await world.api('POST', at('bindings/VHOST/e/saga.inboxes/q/fraud.inbox'), {
      routing_key: 'payment.captured',
    })
    const order = newOrder()
    const outcome = () =>
      world.publish({ ...messageOf(reserved(order)), exchange: '', key: 'fraud.inbox' }).then(
        () => 'taken',
        error => codeOf(error),
      )
    await until('it is full', async () => (await outcome()) === 'publish-rejected')
    start()
    await world.publish(messageOf(reserved(order)))
    await until('it is captured', async () => (await world.store.load(order))?.state.status === 'captured')
    // Between two attempts it is in nobody's hands but those of payment.
    let verdict: Verdict | undefined
    await until(
      'why is known',
      async () => {
        verdict = await ask(order)
        return verdict.causes.some(({ kind }) => kind === 'queue-full')
      },
      40_000,
    )
    const { words = '', status, causes = [] } = verdict ?? {}
    expect([status, ...causes.map(({ service }) => service)]).to.deep.equal(['stuck', 'shipping'])
    expect(words).to.match(
      /^payment has payment\.captured on record, and RabbitMQ refuses it \(publish-rejected\): the queue fraud\.inbox, which gets it, is full \(\d of 2 messages\)$/,
    )
    expect(causes[0]?.todo).to.match(/^npx --no -- choreo topology prune, if nobody needs fraud\.inbox/)
    await world.api('DELETE', at('queues/VHOST/fraud.inbox'))
    await until(
      'it is sent, and nothing waits',
      async () => (await gather(operations(), sources, order)).waiting.length === 0,
      40_000,
    )
    expect(await kindsOf(order)).to.deep.equal(['shipping no-consumer'])
  })

  const withLongWait = () => {
    const definitions = renderDefinitions(shopTopology([longWaitMs]), { vhost: world.vhost })
    const { exchanges = [], queues = [], bindings = [] } = definitions
    return applyDefinitions(world.api, { exchanges, queues, bindings })
  }

  it('[I34] finds an event that waits for a release that can read it', async () => {
    const order = newOrder()
    await withLongWait()
    await world.publish({
      ...messageOf({ ...reserved(order), version: 99 } as Event),
      ...{ exchange: shop.names.waitOf(longWaitMs), key: 'payment.inbox' },
      headers: { 'x-attempt': 3, 'x-reason': 'event-newer' },
    })
    const verdict = await ask(order, { delays: [longWaitMs] })
    expect(verdict.causes.map(({ kind }) => kind)).to.deep.equal(['waiting'])
    expect(verdict.words).to.include('payment failed at inventory.reserved (event-newer, 3 times so far)')
  })

  it('finds an event that waits for its next attempt, says when, and leaves it there', async () => {
    const order = newOrder()
    await withLongWait()
    const before = Date.now() - 1_000
    await world.publish({
      ...messageOf(reserved(order)),
      ...{ exchange: shop.names.waitOf(longWaitMs), key: 'payment.inbox' },
      headers: { 'x-attempt': 2, 'x-reason': 'TypeError' },
    })
    const evidence = await gather(operations(), { ...sources, delays: [shortWaitMs, longWaitMs] }, order)
    const [waiting, ...others] = evidence.waiting
    expect(others).to.deep.equal([])
    expect(waiting).to.include({ service: 'payment', attempts: 2, reason: 'TypeError' })
    expect(waiting?.nextAt).to.be.within(before + longWaitMs, Date.now() + longWaitMs)
    expect(explain(evidence).causes.map(({ kind }) => kind)).to.deep.equal(['waiting'])
    expect(await world.ready(shop.names.waitOf(longWaitMs))).to.equal(1)
  })

  it('says what it could not look at', async () => {
    const away = {
      ...world.operations,
      document: () => Promise.reject(new SagaError('store-unavailable', 'away')),
    }
    const verdict = await why(away, sources, newOrder())
    expect(verdict.blind.map(({ code }) => code)).to.deep.equal(Array(4).fill('store-unavailable'))
    expect(verdict.status).to.equal('stuck')
  })

  it('says of an order that nobody knows that nobody knows it', async () => {
    expect(
      await why({ ...world.operations, document: async () => undefined }, sources, newOrder()),
    ).to.include({
      status: 'unknown',
    })
  })
})
