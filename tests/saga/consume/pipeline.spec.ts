import { expect } from 'chai'
import { type Event, shop } from '../../../services/contract/shop.ts'
import type { Payment } from '../../../services/payment/domain.ts'
import { rules } from '../../../services/payment/reactions.ts'
import type { Delivery, OutgoingMessage } from '../../../shared/messaging/broker.ts'
import { SagaError } from '../../../shared/runtime/errors.ts'
import { perSubjectQueue } from '../../../shared/saga/consume/per-subject-queue.ts'
import { pipelineOf } from '../../../shared/saga/consume/pipeline.ts'
import { receivedEvents } from '../../../shared/saga/consume/received-event.ts'
import type { Perform, Service } from '../../../shared/saga/define/service.ts'
import { blank } from '../../../shared/saga/document/document.ts'
import { eventAbout, newOrder } from '../../support/events.ts'
import { contextInMemory } from '../context-in-memory.ts'
import { deliveryOf } from './received.ts'

const retryPolicy = { delays: [1_000, 2_000], maxAttempts: 3 }

/** A pipeline of payment in memory; the copies of what failed are kept. */
const given = (changes: Partial<Service<Payment>> = {}) => {
  const perform: Perform = async () => ({ answer: { outcome: 'captured' } })
  const memory = contextInMemory({ perform, ...changes })
  const copies: OutgoingMessage[] = []
  const publish = async (message: OutgoingMessage) => void copies.push(message)
  const run = pipelineOf({
    context: memory.context,
    publisher: { publish, connected: true, close: async () => {} } as never,
    perSubject: perSubjectQueue(),
    retryPolicy,
  })
  const take = (event: Event, changes: Partial<Delivery> = {}) => {
    const [received] = receivedEvents(shop, deliveryOf([event], changes))
    if (!received) throw new Error('nothing was received')
    return { received, run: () => run(received) }
  }
  return { ...memory, copies, take }
}

const reserved = () => eventAbout(newOrder(), 'inventory.reserved')

describe('the way of one event through an instance', () => {
  it('ends acknowledged once the event is applied, and nothing is copied', async () => {
    const { take, copies, published } = given()
    expect(await take(reserved()).run()).to.deep.equal({ do: 'ack' })
    expect([copies, published.map(({ type }) => type)]).to.deep.equal([[], ['payment.captured']])
  })

  it('parks what comes under the key of another type as forged, and handles nothing of it', async () => {
    const { take, store } = given()
    const event = reserved()
    const disposition = await take(event, { key: 'inventory.rejected' }).run()
    expect(disposition).to.include({ do: 'park', reason: 'event-forged' })
    expect(await store.load(event.subject)).to.equal(undefined)
  })

  it('takes what comes under the key of its own inbox for what the service or an operator sent back', async () => {
    const { take } = given()
    expect(await take(reserved(), { key: 'payment.inbox' }).run()).to.deep.equal({ do: 'ack' })
  })

  for (const code of ['store-unavailable', 'server-unsupported'] as const)
    it(`keeps the delivery when nothing could be read: ${code}`, async () => {
      const { take, copies, context } = given()
      const load = () => Promise.reject(new SagaError(code, 'away'))
      Object.assign(context.store, { load, commit: load })
      expect(await take(reserved()).run()).to.deep.equal({ do: 'keep' })
      expect(copies).to.deep.equal([])
    })

  for (const [retry, what] of [
    ['later', 'wait'],
    ['never', 'park'],
  ] as const)
    it(`ends in a copy when it fails and can succeed ${retry}: ${what}`, async () => {
      const decide = () => {
        throw new SagaError('upcast-failed', 'x', { retry })
      }
      const { take, copies } = given({ reactions: rules.reactions.map(row => ({ ...row, decide })) })
      expect(await take(reserved()).run()).to.include({ do: what, reason: 'upcast-failed' })
      expect(copies).to.have.length(1)
    })

  it('counts each attempt at an event whose deliveries were lost with their process, and gives it up', async () => {
    const { take, store } = given()
    const event = eventAbout(newOrder(), 'shipment.refused')
    // What is left of a process that died three times before it had applied the event.
    const begun = { [event.id]: { outcome: 'suspect', tries: 3 } } as const
    await store.commit(blank(event.subject, rules.initial), { inbox: begun })
    const suspect = take(event, { earlierDeliveries: 2 })
    expect(await suspect.run()).to.include({ do: 'park', reason: 'crash-loop' })
    const { inbox } = (await store.load(event.subject)) ?? {}
    expect(inbox?.[event.id]).to.include({ outcome: 'dead', reason: 'crash-loop', tries: 4 })
  })

  it('counts an attempt once in one process, however often it goes on after a pause', async () => {
    const { take, store, context } = given()
    const event = reserved()
    const suspect = take(event, { earlierDeliveries: 2 })
    const commit = context.store.commit
    const counts: (number | undefined)[] = []
    Object.assign(context.store, {
      // The count is written, and then the store is away once.
      commit: (...[document, change]: Parameters<typeof commit>) => {
        counts.push(change.inbox?.[event.id]?.tries)
        return counts.length === 2
          ? Promise.reject(new SagaError('store-unavailable', 'away'))
          : commit(document, change)
      },
    })
    expect(await suspect.run()).to.deep.equal({ do: 'keep' })
    expect((await store.load(event.subject))?.inbox[event.id]?.tries).to.equal(1)
    expect(await suspect.run()).to.deep.equal({ do: 'ack' })
    expect(counts.filter(Boolean)).to.deep.equal([1])
  })
})
