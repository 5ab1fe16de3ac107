import { expect } from 'chai'
import { PaymentCaptured, PaymentVoided } from '../../services/contract/payment.ts'
import { rules } from '../../services/payment/reactions.ts'
import { SagaError } from '../../shared/runtime/errors.ts'
import {
  causedBy,
  changeOf,
  commit,
  eventsWithoutCause,
  load,
  publicEvents,
  retryOnConflict,
} from '../../shared/saga/context.ts'
import { applyChange, blank } from '../../shared/saga/document/document.ts'
import { eventAbout, newOrder } from '../support/events.ts'
import { contextInMemory } from './context-in-memory.ts'

const at = Date.UTC(2030, 0, 1)
const voided = { facts: [PaymentVoided({})] }

describe('the change that a write makes to a document', () => {
  const order = newOrder()
  const empty = blank(order, rules.initial)

  it('has the events of its facts, with ids that follow from the document, and the state after them', () => {
    const shipTo = { name: 'A', line1: 'B', city: 'C', postalCode: 'D', country: 'GB' } as const
    const cause = eventAbout(order, 'inventory.reserved').id
    const facts = [PaymentCaptured({ amount: 5 as never, shipTo }), PaymentVoided({})]
    const { events = [], state } = changeOf(rules, empty, { facts, cause }, at)
    expect(events.map(({ id }) => id)).to.deep.equal([`${order}:payment:1`, `${order}:payment:2`])
    expect(events.map(event => [event.cause, event.at])).to.deep.equal([
      [cause, '2030-01-01T00:00:00.000Z'],
      [cause, '2030-01-01T00:00:00.000Z'],
    ])
    expect(state).to.deep.equal({ status: 'closed', because: 'voided' })
    const [next] = changeOf(rules, applyChange(empty, { events }), voided, at).events ?? []
    expect(next?.id).to.equal(`${order}:payment:3`)
  })

  it('touches no state and no events without facts', () => {
    expect(changeOf(rules, empty, { token: 3 }, at)).to.deep.equal({ token: 3 })
  })

  it('marks its events as unsent only when no message will come again for them', () => {
    expect(changeOf(rules, empty, voided, at).unsent).to.equal(undefined)
    expect(changeOf(rules, empty, { ...voided, unsent: true }, at).unsent).to.deep.equal([
      `${order}:payment:1`,
    ])
  })

  it('goes on in the trace that is given, else in that of its document, else in one that all derive alike', () => {
    const traceOf = (document = empty, traceparent?: string) =>
      changeOf(rules, document, { ...voided, traceparent }, at).events?.[0]?.traceparent
    const given = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`
    expect(traceOf(empty, given)).to.equal(given)
    const begun = applyChange(empty, changeOf(rules, empty, { ...voided, traceparent: given }, at))
    expect(traceOf(begun)).to.equal(given)
    expect(traceOf(empty)).to.equal(traceOf(blank(order, rules.initial)))
    expect(traceOf(empty)).to.not.equal(traceOf(blank(newOrder(), rules.initial)))
  })

  it('is due when its call is, else when its service says, and says nothing when that stays', () => {
    const dueAt = (ms: number | undefined) => ({ ...rules, due: () => ms })
    const intent = {
      source: { id: `${order}:inventory:1`, type: 'x' },
      call: {},
      record: 'once',
      due: 7,
    } as never
    expect(changeOf(dueAt(9), empty, {}, at).due).to.equal(9)
    expect(changeOf(dueAt(9), empty, { intent }, at).due).to.equal(7)
    const due = { ...empty, due: 9 }
    expect(changeOf(dueAt(9), due, {}, at)).to.not.have.property('due')
    expect(changeOf(dueAt(undefined), due, {}, at).due).to.equal(null)
  })
})

describe('a guarded write', () => {
  it('is known of without a read afterwards, and nothing is known after one that lost or failed', async () => {
    const { context } = contextInMemory()
    const order = newOrder()
    const { recentDocuments: recent } = context
    const first = await load(context, order)
    const written = await commit(context, first, { token: 1 })
    expect(recent.get(order)).to.deep.equal(written)
    expect(await commit(context, first, { token: 2 })).to.equal('conflict')
    expect(recent.get(order)).to.equal(undefined)
    await commit(context, await load(context, order), { token: 2 })
    const away = new SagaError('store-unavailable', 'nobody knows')
    const store = { ...context.store, commit: () => Promise.reject(away) }
    const failing = commit({ ...context, store }, await load(context, order), { token: 3 })
    expect(await failing.catch((error: unknown) => error)).to.equal(away)
    expect(recent.get(order)).to.equal(undefined)
  })

  it('that loses is tried again, twenty times at most', async () => {
    const rounds: number[] = []
    const losing = (times: number) =>
      retryOnConflict('ord_1', async round => {
        rounds.push(round)
        return rounds.length > times ? 'done' : 'conflict'
      })
    expect(await losing(3)).to.equal('done')
    expect(rounds.splice(0)).to.deep.equal([0, 1, 2, 3])
    const error = await losing(20).catch((thrown: unknown) => thrown)
    expect(error).to.include({ code: 'contended' })
    expect(rounds).to.have.length(20)
  })
})

describe('the events of a document', () => {
  it('are sent again by what caused them; what is noted for the service alone never leaves it', () => {
    const order = newOrder()
    const [caused, uncaused, note] = [1, 2, 3].map(n => eventAbout(order, 'payment.voided', n))
    const cause = eventAbout(order, 'shipment.refused').id
    const events = [{ ...caused, cause }, uncaused, { ...note, note: true }] as never
    const document = { ...blank(order, rules.initial), events }
    expect(publicEvents(events).map(({ id }) => id)).to.deep.equal([caused?.id, uncaused?.id])
    expect(causedBy(document, cause).map(({ id }) => id)).to.deep.equal([caused?.id])
    expect(eventsWithoutCause(document).map(({ id }) => id)).to.deep.equal([uncaused?.id])
  })
})
