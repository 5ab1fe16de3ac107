import { expect } from 'chai'
import type { OrderId } from '../../../services/contract/ids.ts'
import { PaymentVoided } from '../../../services/contract/payment.ts'
import type { Payment } from '../../../services/payment/domain.ts'
import { SagaError } from '../../../shared/runtime/errors.ts'
import type { SagaContext } from '../../../shared/saga/context.ts'
import { accept } from '../../../shared/saga/define/decision.ts'
import { initiate } from '../../../shared/saga/process/initiate.ts'
import { sweepDue, sweepUnsent } from '../../../shared/saga/process/sweep.ts'
import { newOrder } from '../../support/events.ts'
import { contextInMemory } from '../context-in-memory.ts'

const voided = (context: SagaContext<Payment>, order: OrderId) =>
  initiate(context, order, () => accept(PaymentVoided({})))

const minAge = 5_000

describe('one sweep of what is marked as unsent', () => {
  /** Orders whose events could not be published, since the broker was away. */
  const left = async (count: number) => {
    const given = contextInMemory()
    const orders = Array.from({ length: count }, newOrder)
    given.refuse(new SagaError('broker-unavailable', 'away'))
    for (const order of orders) await voided(given.context, order)
    await given.idle()
    given.refuse(undefined)
    return { ...given, orders }
  }

  it('leaves alone what its own process may be publishing right now, and sends the rest', async () => {
    const { context, clock, published, orders } = await left(1)
    await clock.advance(minAge - 1)
    expect(await sweepUnsent(context, minAge)).to.equal(0)
    await clock.advance(1)
    expect(await sweepUnsent(context, minAge)).to.equal(1)
    expect(published.map(({ id }) => id)).to.deep.equal([`${orders[0]}:payment:1`])
    expect(await sweepUnsent(context, minAge)).to.equal(0)
  })

  it('sends more than a page, and reports each order', async () => {
    const { context, clock, published, notices, orders } = await left(250)
    await clock.advance(minAge)
    expect(await sweepUnsent(context, minAge)).to.equal(250)
    expect(new Set(published.map(({ id }) => id)).size).to.equal(250)
    expect(notices.map(({ subject, data }) => [subject, data])).to.have.deep.members(
      orders.map(order => [order, { what: 'unsent-sent', count: 1 }]),
    )
  })

  it('counts an order that rests, and does not send it', async () => {
    const { context, clock, published, unsentCounts, orders } = await left(2)
    await clock.advance(minAge)
    const [resting, other] = orders
    if (resting) context.pauses.failed(resting, 'publish-rejected')
    expect(await sweepUnsent(context, minAge)).to.equal(1)
    expect(published.map(({ id }) => id)).to.deep.equal([`${other}:payment:1`])
    expect(unsentCounts).to.deep.equal([2])
  })

  it('reports nothing of what could not be sent this time either', async () => {
    const { context, clock, notices, refuse } = await left(1)
    await clock.advance(minAge)
    refuse(new SagaError('broker-unavailable', 'still away'))
    await sweepUnsent(context, minAge)
    expect(notices).to.deep.equal([])
  })
})

describe('one sweep of what is due', () => {
  const everyMs = 60_000
  /** Payments that are due each minute; with `nudge` what no message caused is then sent again. */
  const late = (nudge: boolean) => {
    const given = contextInMemory({
      due: () => given.clock.now() + everyMs,
      overdue: () => ({ facts: [], nudge }),
    })
    return given
  }

  it('looks at what is due and not at what will be, and names the next time', async () => {
    const { context, clock, store } = late(false)
    const order = newOrder()
    await voided(context, order)
    const due = clock.now() + everyMs
    expect(await sweepDue(context, everyMs)).to.equal(due)
    expect((await store.load(order))?.version).to.equal(1)
    await clock.advance(everyMs)
    await sweepDue(context)
    const document = await store.load(order)
    expect([document?.version, document?.due]).to.deep.equal([2, clock.now() + everyMs])
    expect(await sweepDue(context)).to.equal(Number.POSITIVE_INFINITY)
  })

  it('sends what no message caused again under a new re-send id each time, and reports it', async () => {
    const { context, clock, published, notices, idle } = late(true)
    const order = newOrder()
    await voided(context, order)
    await idle()
    for (let i = 0; i < 2; i++) {
      await clock.advance(everyMs)
      await sweepDue(context)
    }
    const [first, ...again] = published
    expect(first?.resend).to.equal(undefined)
    expect(again.map(({ id }) => id)).to.deep.equal([`${order}:payment:1`, `${order}:payment:1`])
    expect(new Set(again.map(({ resend }) => resend)).size).to.equal(2)
    expect(notices.map(({ data }) => data)).to.deep.equal([
      { what: 'nudged', count: 1 },
      { what: 'nudged', count: 1 },
    ])
    expect(new Set(notices.map(({ id }) => id)).size, 'each is another notice').to.equal(2)
  })

  it('looks at every other document when one cannot be written', async () => {
    const { context, clock, store } = late(false)
    const [broken, good] = [newOrder(), newOrder()]
    for (const order of [broken, good]) await voided(context, order)
    await clock.advance(everyMs)
    const commit: typeof store.commit = async (document, change) => {
      if (document.subject === broken) throw new SagaError('store-unavailable', 'not this one')
      return store.commit(document, change)
    }
    await sweepDue({ ...context, store: { ...store, commit } })
    const versions = [broken, good].map(async order => (await store.load(order))?.version)
    expect(await Promise.all(versions)).to.deep.equal([1, 2])
  })
})
