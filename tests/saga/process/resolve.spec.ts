import { expect } from 'chai'
import type { OrderId } from '../../../services/contract/ids.ts'
import { PaymentCaptured } from '../../../services/contract/payment.ts'
import { undoPayment } from '../../../services/payment/domain.ts'
import { SagaError } from '../../../shared/runtime/errors.ts'
import type { PrivateRoute } from '../../../shared/runtime/http/private-port.ts'
import { changeOf, load } from '../../../shared/saga/context.ts'
import type { Resolution } from '../../../shared/saga/define/manual-answer.ts'
import type { Perform } from '../../../shared/saga/define/service.ts'
import { finishInBackground } from '../../../shared/saga/process/background-call.ts'
import { resolutionRoutes, resolve } from '../../../shared/saga/process/resolve.ts'
import { deferred } from '../../support/deferred.ts'
import { eventAbout, newOrder } from '../../support/events.ts'
import { contextInMemory } from '../context-in-memory.ts'
import { recordIntent } from '../recorded-intent.ts'

const amount = 1_999
const shipTo = { name: 'Ada', line1: '1 High Street', city: 'London', postalCode: 'N1 9GU', country: 'GB' }
const decision: Resolution = {
  ...{ answer: 'refunded', by: 'Ada', why: 'the card is closed' },
  outside: 'bank transfer 17 of today',
}

const refuses: Perform = () =>
  Promise.reject(new SagaError('provider-protocol', 'the provider answered 422', { retry: 'never' }))
const isAway: Perform = () => Promise.reject(new SagaError('provider-unavailable', 'it answered 503'))

/** A payment service that answers with `perform`, and the charged order whose refund it makes in the background. */
const refunding = async (perform: Perform) => {
  const memory = contextInMemory({ perform })
  const { context, clock } = memory
  const order = newOrder()
  const empty = await load(context, order)
  await context.store.commit(
    empty,
    changeOf(context.service, empty, { facts: [PaymentCaptured({ amount, shipTo })] }, clock.now()),
  )
  const document = await load(context, order)
  const refused = eventAbout(order, 'shipment.refused')
  const wish = undoPayment(document.state, refused as never)
  if (wish.kind !== 'call') throw new Error('payment does not ask for a refund')
  const source = { id: refused.id, type: refused.type }
  const intent = { source, call: wish.call, record: 'once' as const, due: 0 }
  await context.store.commit(document, changeOf(context.service, document, { intent }, clock.now()))
  return { ...memory, order }
}

type Refunding = Awaited<ReturnType<typeof refunding>>

const failTimes = async ({ context, idle }: Refunding, order: OrderId, times: number) => {
  for (let n = 0; n < times; n++) {
    finishInBackground(context, order, { by: 'sweep' })
    await idle()
  }
}

const stuckRefund = async (perform: Perform = refuses) => {
  const given = await refunding(perform)
  await failTimes(given, given.order, 3)
  return given
}

describe('a call that is refused for good', () => {
  it('is stuck from the third refusal on, with the last one on record, and is still due', async () => {
    const given = await refunding(refuses)
    const { store, clock, order } = given
    await failTimes(given, order, 2)
    expect(await store.stuck(10)).to.deep.equal([])
    await failTimes(given, order, 1)
    const [document] = await store.stuck(10)
    expect(document?.stuckSince).to.equal(clock.now())
    expect(document?.intent?.refusals).to.deep.include({ count: 3 })
    expect(document?.intent?.refusals?.last.reason).to.equal('the provider answered 422')
    expect(document?.due).to.be.greaterThan(clock.now())
  })

  it('is not stuck when the provider is only away', async () => {
    const given = await refunding(isAway)
    await failTimes(given, given.order, 5)
    expect(await given.store.stuck(10)).to.deep.equal([])
    expect(await resolve(given.context, given.order, decision)).to.equal('not-stuck')
  })

  it('ends by itself when the provider takes it after all, and is stuck no more', async () => {
    let refused = 0
    const given = await stuckRefund((...call) =>
      ++refused <= 3 ? refuses(...call) : Promise.resolve({ answer: { outcome: 'refunded' } }),
    )
    await failTimes(given, given.order, 1)
    const document = await given.store.load(given.order)
    expect([document?.intent, document?.stuckSince]).to.deep.equal([undefined, undefined])
    expect(await resolve(given.context, given.order, decision)).to.equal('no-call')
  })
})

describe('a resolution by an operator', () => {
  it('[I36] puts who, why and what was done on record before what follows, and ends the call', async () => {
    const { context, store, published, notices, idle, order } = await stuckRefund()
    const { token = 0 } = (await store.load(order)) ?? {}
    expect(await resolve(context, order, decision)).to.equal('resolved')
    await idle()
    const document = await store.load(order)
    expect(document?.events.map(({ type }) => type).slice(1)).to.deep.equal([
      'payment.resolved',
      'payment.refunded',
    ])
    expect(document?.events[1]?.data).to.deep.equal({ ...decision, amount })
    expect(document?.state).to.deep.equal({ status: 'closed', because: 'refunded' })
    expect([document?.intent, document?.due, document?.stuckSince]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ])
    expect([document?.token, document?.unsent]).to.deep.equal([token + 1, []])
    expect(published.map(({ type }) => type)).to.deep.equal(['payment.refunded'])
    expect(notices.at(-1)?.data).to.deep.equal({
      ...{ what: 'resolved', count: 1, resolution: { ...decision, amount } },
    })
  })

  it('[I36] is made once: the same again changes nothing, another one is refused', async () => {
    const { context, store, notices, idle, order } = await stuckRefund()
    await resolve(context, order, decision)
    await idle()
    const document = await store.load(order)
    expect(await resolve(context, order, decision)).to.equal('resolved')
    expect(await resolve(context, order, { ...decision, by: 'Grace' })).to.equal('otherwise')
    expect(await store.load(order)).to.deep.equal(document)
    // The journal knows a notice by its id, so that a repeated report is no second line of the story.
    expect(notices.at(-1)?.id).to.equal(notices.at(-2)?.id)
  })

  it('[I36] makes an answer that is under way stale', async () => {
    const gate = deferred()
    let asked = 0
    const { context, store, published, idle, order } = await stuckRefund(async (...call) => {
      asked += 1
      if (asked <= 3) return refuses(...call)
      await gate.promise
      return { answer: { outcome: 'refunded' } }
    })
    finishInBackground(context, order, { by: 'sweep' })
    expect(await resolve(context, order, decision)).to.equal('resolved')
    const document = await store.load(order)
    gate.resolve()
    await idle()
    expect(await store.load(order)).to.deep.equal({ ...document, unsent: [] })
    expect(published.map(({ type }) => type)).to.deep.equal(['payment.refunded'])
  })

  it('has its events sent by the sweep when they could not be published', async () => {
    const { context, store, idle, refuse, order } = await stuckRefund()
    refuse(new SagaError('broker-unavailable', 'away'))
    await resolve(context, order, decision)
    await idle()
    expect((await store.load(order))?.unsent).to.have.length(1)
  })

  it('decides anew when somebody else writes first', async () => {
    const { context, store, order } = await stuckRefund()
    let writes = 0
    const commit: typeof store.commit = async (document, change) => {
      writes += 1
      if (writes === 1) await resolve({ ...context, store }, order, { ...decision, by: 'Grace' })
      return store.commit(document, change)
    }
    expect(await resolve({ ...context, store: { ...store, commit } }, order, decision)).to.equal('otherwise')
    const by = (await store.load(order))?.events.map(({ data }) => (data as { by?: string }).by)
    expect(by).to.deep.equal([undefined, 'Grace', undefined])
  })

  it('is refused for an answer that nobody may give, for a charge, and for an order nobody knows', async () => {
    const { context, order } = await stuckRefund()
    expect(await resolve(context, order, { ...decision, answer: 'kept' })).to.equal('not-by-hand')
    expect(await resolve(context, order, { ...decision, answer: 'constructor' })).to.equal('not-by-hand')
    expect(await resolve(context, newOrder(), decision)).to.equal('unknown')
    const last = { at: 0, reason: 'the provider answered 422' }
    const charging = await recordIntent(context, newOrder(), {
      refusals: { count: 3, last, stuckSince: 0 },
    })
    expect(await resolve(context, charging.subject, decision)).to.equal('not-by-hand')
  })

  it('answers on the private port, and refuses texts that cannot be seen or forge lines', async () => {
    const { context, order } = await stuckRefund()
    const [route] = Object.values<PrivateRoute>(resolutionRoutes(context))
    const answerTo = async (body: unknown, id: string = order) => route?.({ id }, body, undefined as never)
    for (const wrong of [
      { ...decision, by: '' },
      { ...decision, by: 'A'.repeat(101) },
      { ...decision, why: 'one\ntwo' },
      { ...decision, outside: '\u200b' },
      { ...decision, more: 1 },
      undefined,
    ])
      expect(await answerTo(wrong)).to.include({ status: 400 })
    expect(await answerTo(decision, 'nonsense')).to.deep.equal({ status: 200, body: { outcome: 'unknown' } })
    expect(await answerTo(decision)).to.deep.equal({ status: 200, body: { outcome: 'resolved' } })
  })
})
