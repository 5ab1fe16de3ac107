import { expect } from 'chai'
import type { OrderId } from '../../../services/contract/ids.ts'
import { PaymentCaptured } from '../../../services/contract/payment.ts'
import type { Payment } from '../../../services/payment/domain.ts'
import type { PrivateRoute } from '../../../shared/runtime/http/private-port.ts'
import type { SagaContext } from '../../../shared/saga/context.ts'
import { changeOf, load } from '../../../shared/saga/context.ts'
import { erase, erasureRoutes } from '../../../shared/saga/process/erase.ts'
import { newOrder } from '../../support/events.ts'
import { contextInMemory } from '../context-in-memory.ts'
import { recordIntent } from '../recorded-intent.ts'

const street = '1 High Street'
const shipTo = { name: 'Ada', line1: street, city: 'London', postalCode: 'N1 9GU', country: 'GB' }

const captured = async (context: SagaContext<Payment>, order: OrderId, unsent = false) => {
  const document = await load(context, order)
  const facts = [PaymentCaptured({ amount: 5, shipTo })]
  await context.store.commit(document, changeOf(context.service, document, { facts, unsent }, 0))
}

describe('the erasure of a subject in one service', () => {
  it('is not needed where nobody heard of it', async () => {
    const { context } = contextInMemory()
    expect(await erase(context, newOrder())).to.equal('unknown')
  })

  it('takes what is sensitive out of every event, notes when, and is done once', async () => {
    const { context, clock, store } = contextInMemory()
    const order = newOrder()
    await captured(context, order)
    expect(await erase(context, order)).to.equal('erased')
    const document = await store.load(order)
    expect(JSON.stringify(document?.events)).to.include('payment.captured').and.not.include(street)
    expect(document?.erasedAt).to.equal(clock.now())
    await clock.advance(1_000)
    expect(await erase(context, order)).to.equal('erased')
    expect(await store.load(order)).to.deep.equal(document)
  })

  it('waits while a call has no answer, an event is not sent, or the service needs the data', async () => {
    const calling = contextInMemory()
    const order = newOrder()
    await recordIntent(calling.context, order)
    expect(await erase(calling.context, order)).to.equal('open')
    const sending = contextInMemory()
    await captured(sending.context, order, true)
    expect(await erase(sending.context, order)).to.equal('open')
    const needing = contextInMemory({ mayErase: ({ status }) => status !== 'captured' })
    await captured(needing.context, order)
    expect(await erase(needing.context, order)).to.equal('open')
  })

  it('is tried again when somebody else writes first', async () => {
    const { context, store } = contextInMemory()
    const order = newOrder()
    await captured(context, order)
    let writes = 0
    const commit: typeof store.commit = async (document, change) => {
      writes += 1
      if (writes === 1) await store.commit(document, { token: 1 })
      return store.commit(document, change)
    }
    expect(await erase({ ...context, store: { ...store, commit } }, order)).to.equal('erased')
    const document = await store.load(order)
    expect([writes, document?.token, document?.erasedAt === undefined]).to.deep.equal([2, 1, false])
  })

  it('[I34] is refused when a newer release recorded one of the events', async () => {
    const { context, store } = contextInMemory()
    const empty = await load(context, newOrder())
    const { events = [] } = changeOf(
      context.service,
      empty,
      { facts: [PaymentCaptured({ amount: 5, shipTo })] },
      0,
    )
    await store.commit(empty, { events: events.map(event => ({ ...event, version: 99 })) })
    const error = await erase(context, empty.subject).catch((thrown: unknown) => thrown)
    expect(error).to.include({ code: 'event-newer' })
  })

  it('answers on the private port, also for what is no id', async () => {
    const { context } = contextInMemory()
    const order = newOrder()
    await captured(context, order)
    const [route] = Object.values<PrivateRoute>(erasureRoutes(context))
    const answerTo = (id: string) => route?.({ id }, undefined as never, undefined as never)
    expect(await answerTo(order)).to.deep.equal({ status: 200, body: { outcome: 'erased' } })
    expect(await answerTo('nonsense')).to.deep.equal({ status: 200, body: { outcome: 'unknown' } })
  })
})
