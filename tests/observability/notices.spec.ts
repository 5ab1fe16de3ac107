import { expect } from 'chai'
import type { OrderId } from '../../services/contract/ids.ts'
import { shop } from '../../services/contract/shop.ts'
import { encode } from '../../shared/contract/envelope.ts'
import type { Notice } from '../../shared/contract/notice.ts'
import type { OutgoingMessage } from '../../shared/messaging/broker.ts'
import type { Perform } from '../../shared/saga/define/service.ts'
import { until } from '../messaging/messages.ts'
import { shortWaitMs } from '../messaging/subjects.ts'
import { type KernelSubject, maxAttempts } from '../saga/engine-subjects.ts'
import { message, reserved } from '../saga/payment-on-trial.ts'
import { openShop, request } from '../shop/shop.ts'
import { newOrder } from '../support/events.ts'
import { journalSubjects } from './journal.ts'

const approve: Perform = async () => ({ answer: { outcome: 'captured' } })

for (const { name, prepare, open } of journalSubjects)
  describe(`what a service reports to the journal ${name}`, () => {
    prepare()
    let world: KernelSubject
    let journal: () => Promise<Notice[]>
    beforeEach(async () => {
      ;({ world, journal } = await open())
    })
    afterEach(() => world.stop())

    const send = async (outgoing: OutgoingMessage) => {
      const publisher = world.as('inventory').publisher()
      await publisher.publish(outgoing)
      await publisher.close(1_000)
    }
    const told = (orderId: OrderId) => async () => (await journal()).filter(one => one.subject === orderId)

    it('names every failed attempt with its reason and its wait, and then that the event is parked', async () => {
      const order = newOrder()
      world.start(approve, { isBroken: () => true })
      await send(message(reserved(order)))
      await until('it is told that it is parked', async () => (await told(order)()).length === maxAttempts)
      const notices = await told(order)()
      const error = { error: 'a programming error', errorAt: errorAtOf(notices[0]) }
      expect(error.errorAt).to.match(/^tests\/saga\/engine-subjects\.ts:\d+$/)
      const failed = (attempt: number) => ({
        ...{ reason: 'TypeError', ...error, attempt, retryInMs: shortWaitMs },
      })
      expect(notices.map(({ kind, data }) => ({ kind, data }))).to.deep.equal([
        { kind: 'attempt-failed', data: failed(1) },
        { kind: 'attempt-failed', data: failed(2) },
        {
          kind: 'parked',
          data: {
            reason: 'TypeError',
            ...error,
            attempts: maxAttempts,
            bytes: encode(shop, [reserved(order)]).body.length,
          },
        },
      ])
      for (const { service, eventId, eventType } of notices)
        expect({ service, eventId, eventType }).to.deep.equal({
          ...{ service: 'payment', eventId: reserved(order).id, eventType: 'inventory.reserved' },
        })
      expect(new Set(notices.map(({ id }) => id)).size).to.equal(maxAttempts)
    })

    it('[I34] tells every attempt at an event that only a newer release can read, and its parking', async () => {
      const order = newOrder()
      world.start(approve)
      const element = { ...JSON.parse(encode(shop, [reserved(order)]).body.toString()), dataversion: 99 }
      await send({ ...message(reserved(order)), body: Buffer.from(JSON.stringify(element)) })
      await until('all is told', async () => (await told(order)()).length === maxAttempts)
      const notices = await told(order)()
      const error = 'inventory.reserved v99, known up to v1'
      expect(notices.map(({ kind, data }) => [kind, { ...data, bytes: 0 }])).to.deep.equal([
        ['attempt-failed', { reason: 'event-newer', error, attempt: 1, retryInMs: shortWaitMs, bytes: 0 }],
        ['attempt-failed', { reason: 'event-newer', error, attempt: 2, retryInMs: shortWaitMs, bytes: 0 }],
        ['parked', { reason: 'event-newer', error, attempts: maxAttempts, bytes: 0 }],
      ])
      for (const { eventId, eventType } of notices)
        expect([eventId, eventType]).to.deep.equal([reserved(order).id, 'inventory.reserved'])
    })

    it('names a parked message that nobody can decode by what it says of itself', async () => {
      const order = newOrder()
      world.start(approve)
      const element = {
        ...JSON.parse(encode(shop, [reserved(order)]).body.toString()),
        type: 'inventory.eaten',
      }
      await send({ ...message(reserved(order)), body: Buffer.from(JSON.stringify(element)) })
      await until('it is told', async () => (await told(order)()).length === 1)
      const [notice] = await told(order)()
      expect(notice).to.deep.include({ kind: 'parked', eventId: reserved(order).id })
      expect(notice?.data).to.include({ reason: 'event-unknown', attempts: 0 })
    })

    it('names each failure of a call outside, also one that no repetition will fix, and goes on trying', async () => {
      const order = newOrder()
      let calls = 0
      world.start(async (...call) => {
        calls += 1
        if (calls < 3) throw Object.assign(new Error('not in the contract'), { code: 'provider-protocol' })
        return approve(...call)
      })
      await send(message(reserved(order)))
      await until(
        'it is charged',
        async () => (await world.store.load(order))?.state.status === 'captured',
        20_000,
      )
      await until('all is told', async () => (await told(order)()).length === 3)
      const [first, second, resumed] = await told(order)()
      expect(first).to.include({ kind: 'attempt-failed', eventId: reserved(order).id })
      expect([first?.data, second?.data]).to.deep.equal([
        {
          ...{ reason: 'provider-protocol', attempt: 1, retryInMs: 0 },
          ...{ error: 'not in the contract', errorAt: errorAtOf(first) },
        },
        { ...second?.data, reason: 'provider-protocol', attempt: 2 },
      ])
      expect(resumed).to.include({ kind: 'repaired', eventId: reserved(order).id })
      expect(resumed?.data).to.deep.equal({ what: 'call-resumed', count: 1 })
      expect(await world.peek('payment.dlq')).to.deep.equal([])
    })

    it('speaks of no customer: neither token nor address is in a notice', async () => {
      const order = newOrder()
      world.start(approve, { isBroken: () => true })
      await send(message(reserved(order)))
      await until('it is told that it is parked', async () => (await told(order)()).length === maxAttempts)
      const text = JSON.stringify(await told(order)())
      for (const secret of ['tok_approve', 'Main Street', 'Buyer']) expect(text).to.not.include(secret)
    })
  })

const errorAtOf = (notice: Notice | undefined) => ((notice?.data ?? {}) as { errorAt?: string }).errorAt

describe('what a service reports to the journal of its repairs', () => {
  const repairs = (shop: Awaited<ReturnType<typeof openShop>>) =>
    shop
      .notices()
      .flatMap(({ kind, service, subject: orderId, data }) =>
        kind === 'repaired' ? [{ service, orderId, ...(data as { what: string; count: number }) }] : [],
      )

  it('says nothing while all goes well', async () => {
    const shop = await openShop()
    for (const wish of [{}, { token: 'tok_decline' }, { postalCode: 'XX0 0XX' }])
      await shop.settled(await shop.place(request(wish)))
    expect(shop.notices()).to.deep.equal([])
  })

  it('names an order whose first event had to be sent again, once', async () => {
    const shop = await openShop()
    const orderId = await shop.place(request())
    shop.broker.dropConnections('order')
    await shop.settled(orderId)
    expect(repairs(shop)).to.deep.equal([{ service: 'order', orderId, what: 'unsent-sent', count: 1 }])
  })

  it('names an order that is late and sent again, each time', async () => {
    const shop = await openShop({ deadlineMs: 2_000 })
    const orderId = await shop.place(request({ token: 'tok_flaky_1000' }))
    const nudged = () => repairs(shop).filter(({ what }) => what === 'nudged')
    await shop.clock.runUntil(() => nudged().length === 2, { limitMs: 3_600_000 })
    const [first, second] = nudged()
    expect(first).to.deep.equal({ service: 'order', orderId, what: 'nudged', count: 2 })
    expect(second).to.deep.equal(first)
    const ids = shop.notices().map(({ id }) => id)
    expect(new Set(ids).size).to.equal(ids.length)
  })
})
