import { expect } from 'chai'
import type { AttemptResult, Disposition } from '../../../shared/saga/consume/disposition.ts'
import { processedEventOf } from '../../../shared/saga/consume/processed-event.ts'
import { anEvent } from '../../support/events.ts'

describe('what is counted of one event of a delivery', () => {
  const event = anEvent('inventory.reserved')
  const times = { ms: 7, now: Date.parse(event.at) + 250 }
  const counted = (result: AttemptResult, disposition: Disposition) =>
    processedEventOf(result, disposition, { decoded: { event, json: {} } }, times)
  const wait = { do: 'wait', ms: 1_000, attempt: 1, reason: 'TypeError' } as const

  const cases: readonly [AttemptResult, Disposition, ReturnType<typeof counted>['outcome']][] = [
    [{ kind: 'applied' }, { do: 'ack' }, 'applied'],
    [{ kind: 'ignored' }, { do: 'ack' }, 'ignored'],
    [{ kind: 'duplicate' }, { do: 'ack' }, 'duplicate'],
    [{ kind: 'busy' }, { ...wait, reason: 'call-open' }, 'busy'],
    [{ kind: 'failed', code: 'TypeError', retry: 'later' }, wait, 'retried'],
    [{ kind: 'unfinished', code: 'publish-unconfirmed' }, wait, 'retried'],
    [
      { kind: 'dead', reason: 'TypeError' },
      { do: 'park', attempts: 3, reason: 'TypeError', mark: false },
      'parked',
    ],
    [{ kind: 'down', code: 'store-unavailable' }, { do: 'keep' }, 'held'],
  ]
  for (const [result, disposition, outcome] of cases)
    it(`of one that is ${result.kind}, and then: ${disposition.do}, is ${outcome}`, () => {
      const { ageMs, reason, ...rest } = counted(result, disposition)
      expect(rest).to.deep.equal({ type: 'inventory.reserved', outcome, ms: 7 })
      expect(reason).to.equal('reason' in disposition ? disposition.reason : undefined)
      // How old it was says something only of the first time that it was dealt with.
      expect(ageMs).to.equal(['applied', 'ignored'].includes(result.kind) ? 250 : undefined)
    })
})
