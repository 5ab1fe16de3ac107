import { expect } from 'chai'
import { failedCallNotice, noticeOf, repairedNotice } from '../../../shared/saga/publish/notices.ts'
import { newOrder } from '../../support/events.ts'
import { contextInMemory } from '../context-in-memory.ts'
import { recordIntent } from '../recorded-intent.ts'

const about = { service: 'payment', topic: 'x', nth: 1, at: 0 }

describe('the id of a notice', () => {
  it('is the same when the same trouble is told again, and another for other trouble', () => {
    const data = { what: 'nudged', count: 1 } as const
    const told = (at: number, nth: number) => noticeOf('repaired', data, { ...about, nth, at }).id
    expect(told(1_000, 1)).to.equal(told(2_000, 1))
    expect(told(1_000, 1)).to.not.equal(told(1_000, 2))
  })
})

describe('a notice', () => {
  it('is as long as its schema takes, whatever the reason is', () => {
    const reason = 'r'.repeat(500)
    const { id, data } = noticeOf(
      'attempt-failed',
      { reason, attempt: 1, retryInMs: 0 },
      { ...about, topic: 't'.repeat(500) },
    )
    expect(id).to.have.length(200)
    expect(data).to.deep.equal({ reason: 'r'.repeat(100), attempt: 1, retryInMs: 0 })
  })

  it('counts the attempts at a call: the first one with its message, then each that failed in the background', async () => {
    const { context, clock } = contextInMemory()
    const document = await recordIntent(context, newOrder())
    const report = { code: 'provider-unavailable', unexpected: false }
    const attempts = [{}, { due: 1 }, { due: 1, failures: 1 }, { due: 1, failures: 2 }].map(changes => {
      const intent = { ...document.intent, ...changes }
      return failedCallNotice(context, { ...document, intent }, report, 0)
    })
    expect(attempts.map(({ data }) => data)).to.deep.equal(
      [1, 2, 3, 4].map(attempt => ({ reason: 'provider-unavailable', attempt, retryInMs: 0 })),
    )
    expect(new Set(attempts.map(({ id }) => id)).size).to.equal(4)
    const { id: eventId, type: eventType } = document.intent.source
    const at = new Date(clock.now()).toISOString()
    expect(attempts[0]).to.include({ service: 'payment', at, subject: document.subject, eventId, eventType })
  })

  it('of a repair counts what was repaired, one unless it says otherwise', () => {
    const { context } = contextInMemory()
    const named = { topic: 'x', nth: 1 }
    expect(repairedNotice(context, named, 'nudged').data).to.deep.equal({ what: 'nudged', count: 1 })
    expect(repairedNotice(context, named, 'unsent-sent', { count: 3 }).data).to.deep.equal({
      what: 'unsent-sent',
      count: 3,
    })
  })
})
