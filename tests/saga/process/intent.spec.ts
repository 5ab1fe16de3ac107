import { expect } from 'chai'
import { SagaError } from '../../../shared/runtime/errors.ts'
import type { Perform } from '../../../shared/saga/define/service.ts'
import type { Intent } from '../../../shared/saga/document/document.ts'
import { claim, finishIntent, moveToBackground, postpone } from '../../../shared/saga/process/intent.ts'
import { until } from '../../messaging/messages.ts'
import { deferred } from '../../support/deferred.ts'
import { newOrder } from '../../support/events.ts'
import { contextInMemory } from '../context-in-memory.ts'
import { message, onEveryAdapter, reserved } from '../payment-on-trial.ts'
import { recordIntent } from '../recorded-intent.ts'

onEveryAdapter('a call outside', given => {
  it('takes up again what a cut connection left unfinished', async () => {
    const { world, approve, send, atShipping, documentIs } = given()
    const order = newOrder()
    const gate = deferred()
    world.start(async (...call) => {
      await gate.promise
      return approve(...call)
    })
    await send(message(reserved(order)))
    await until('the call is on record', async () => (await world.store.load(order))?.intent !== undefined)
    await world.cut('payment')
    gate.resolve()
    await documentIs(order, 'captured')
    await until('shipping is told', async () => (await atShipping()).length > 0)
    expect(new Set(await atShipping())).to.deep.equal(new Set([`${order}:payment:1`]))
  })
})

const captured: Perform = async () => ({ answer: { outcome: 'captured' } })

/** A charge on record, and a provider that answers like this. */
const given = async (perform: Perform, changes: Partial<Intent> = {}) => {
  const memory = contextInMemory({ perform })
  return { ...memory, document: await recordIntent(memory.context, newOrder(), changes) }
}

describe('a call on record', () => {
  it('is made once for all who wait for it, and concluded by one of them', async () => {
    const gate = deferred()
    let calls = 0
    const { context, document } = await given(async (...call) => {
      calls += 1
      await gate.promise
      return captured(...call)
    })
    const both = [finishIntent(context, document), finishIntent(context, document)]
    gate.resolve()
    const [first, second] = await Promise.all(both)
    expect(calls).to.equal(1)
    expect(first).to.have.nested.property('events[0].type', 'payment.captured')
    expect(second).to.equal('conflict')
  })

  it('is fenced anew by each attempt that asks for it, and an older attempt concludes nothing', async () => {
    const gates = [deferred(), deferred()]
    const tokens: number[] = []
    const { context, store, document } = await given(
      async (call, about) => {
        const nth = tokens.push(about.token)
        await gates[nth - 1]?.promise
        return captured(call, about)
      },
      { record: 'every-attempt' },
    )
    const older = finishIntent(context, document)
    await until('the older one asks', () => tokens.length === 1)
    const current = await store.load(document.subject)
    const newer = finishIntent(context, { ...document, ...current, intent: document.intent })
    await until('the newer one asks', () => tokens.length === 2)
    gates[0]?.resolve()
    expect(await older).to.equal('conflict')
    gates[1]?.resolve()
    expect(await newer).to.have.nested.property('events[0].type', 'payment.captured')
    expect(tokens).to.deep.equal([1, 2])
  })

  it('that is answered too late for its message is handed over as it is', async () => {
    const gate = deferred()
    const { context, clock, document } = await given(async (...call) => {
      await gate.promise
      return captured(...call)
    })
    const finishing = finishIntent(context, document)
    await clock.advance(context.service.patience ?? 0)
    const late = await finishing
    expect(late).to.have.nested.property('call.source', document.intent.source.id)
    gate.resolve()
  })

  it('that fails is reported once by its message, and not by a later one that meets it', async () => {
    const failing: Perform = () => Promise.reject(new SagaError('provider-unavailable', 'away'))
    const { context, clock, notices, document } = await given(failing)
    expect(await finishIntent(context, document)).to.deep.equal({ call: undefined })
    expect(notices.map(({ kind }) => kind)).to.deep.equal(['attempt-failed'])
    const inBackground = { ...document, intent: { ...document.intent, due: clock.now() } }
    await finishIntent(context, inBackground)
    expect(notices).to.have.length(1)
  })
})

describe('a call on record whose message is gone', () => {
  const leaseMs = 30_000

  it('belongs to the instance that makes it until its lease is over, and to nobody when it failed', async () => {
    const { context, clock, document } = await given(() => new Promise(() => {}))
    void finishIntent(context, document, { messageWaits: false })
    const moved = await moveToBackground(context, document, document.intent.source.id)
    expect(moved).to.have.nested.property('intent.due', clock.now() + leaseMs)
    context.openCalls.clear()
    const failed = await given(captured)
    const soon = await moveToBackground(failed.context, failed.document, failed.document.intent.source.id)
    expect(soon !== 'conflict' && (soon.intent?.due ?? 0) - failed.clock.now()).to.be.within(500, 1_000)
  })

  it('is taken up by one instance only, for as long as a lease', async () => {
    const { context, clock, document } = await given(captured, { due: 0 })
    const taken = await Promise.all([claim(context, document), claim(context, document)])
    expect(taken[0]).to.have.nested.property('intent.due', clock.now() + leaseMs)
    expect(taken[1]).to.equal('conflict')
  })

  it('is tried less and less often, and at least once a minute', async () => {
    const { context, store, document } = await given(captured, { due: 0 })
    const delays: number[] = []
    let current = document
    for (let i = 0; i < 9; i++) {
      delays.push(await postpone(context, current))
      const stored = await store.load(document.subject)
      if (stored?.intent) current = { ...stored, intent: stored.intent }
    }
    expect(current.intent.failures).to.equal(9)
    expect(delays[0]).to.be.within(1_000, 2_000)
    for (const delay of delays.slice(6)) expect(delay).to.be.within(30_000, 60_000)
  })
})
