import { expect } from 'chai'
import { SagaError } from '../../../shared/runtime/errors.ts'
import type { Perform } from '../../../shared/saga/define/service.ts'
import { finishInBackground } from '../../../shared/saga/process/background-call.ts'
import { until } from '../../messaging/messages.ts'
import { deferred } from '../../support/deferred.ts'
import { newOrder } from '../../support/events.ts'
import { contextInMemory } from '../context-in-memory.ts'
import { message, onEveryAdapter, refused, reserved } from '../payment-on-trial.ts'
import { recordIntent } from '../recorded-intent.ts'

onEveryAdapter('a call in the background', given => {
  it('[I15] lets other orders pass a slow call, and finishes it without its message', async () => {
    const { world, approve, send, documentIs } = given()
    const [slow, quick] = [newOrder(), newOrder()]
    const gate = deferred()
    world.start(async (call, context) => {
      if (context.subject === slow) await gate.promise
      return approve(call, context)
    })
    await send(message(reserved(slow)))
    await until('it is detached', async () => (await world.store.load(slow))?.intent?.due !== undefined)
    await send(message(reserved(quick)))
    await documentIs(quick, 'captured')
    await send(message(refused(slow)))
    gate.resolve()
    await until('the refusal is answered with a refund', async () => {
      const document = await world.store.load(slow)
      return document?.state.status === 'closed' && document.unsent.length === 0
    })
    expect((await world.store.load(slow))?.events.map(({ type }) => type)).to.deep.equal([
      'payment.captured',
      'payment.refunded',
    ])
  })
})

describe('a background call of one instance', () => {
  const given = async (perform: Perform) => {
    const memory = contextInMemory({ perform })
    const { subject } = await recordIntent(memory.context, newOrder(), { due: 0 })
    return { ...memory, subject }
  }

  it('is begun once, counts as work, and its events are published without a mark that stays', async () => {
    const gate = deferred()
    let calls = 0
    const { context, store, published, idle, subject } = await given(async () => {
      calls += 1
      await gate.promise
      return { answer: { outcome: 'captured' } }
    })
    for (const by of ['message', 'sweep'] as const) finishInBackground(context, subject, { by })
    expect(context.concurrency.events).to.equal(1)
    gate.resolve()
    await idle()
    expect([calls, context.concurrency.events, context.backgroundCalls.size]).to.deep.equal([1, 0, 0])
    expect(published.map(({ type }) => type)).to.deep.equal(['payment.captured'])
    expect((await store.load(subject))?.unsent).to.deep.equal([])
  })

  for (const [by, told] of [
    ['message', []],
    ['sweep', [{ what: 'call-resumed', count: 1 }]],
  ] as const)
    it(`that a ${by} began ${told.length > 0 ? 'is' : 'is not'} reported as resumed`, async () => {
      const { context, notices, idle, subject } = await given(async () => ({
        answer: { outcome: 'captured' },
      }))
      finishInBackground(context, subject, { by })
      await idle()
      expect(notices.map(({ data }) => data)).to.deep.equal(told)
    })

  it('that fails is due again later, and says when', async () => {
    const { context, clock, store, notices, idle, subject } = await given(() =>
      Promise.reject(new SagaError('provider-unavailable', 'away')),
    )
    finishInBackground(context, subject, { by: 'sweep' })
    await idle()
    const { failures, due = 0 } = (await store.load(subject))?.intent ?? {}
    expect(failures).to.equal(1)
    expect(notices.map(({ data }) => data)).to.deep.equal([
      { reason: 'provider-unavailable', error: 'away', attempt: 2, retryInMs: due - clock.now() },
    ])
  })
})
