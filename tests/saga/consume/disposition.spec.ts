import { expect } from 'chai'
import {
  type AttemptResult,
  type Disposition,
  dispositionOf,
} from '../../../shared/saga/consume/disposition.ts'

const ladder = { delays: [1_000, 2_000, 4_000], maxAttempts: 5 }
const newer: AttemptResult = { kind: 'newer', code: 'event-newer' }
const failed = (retry: 'later' | 'never'): AttemptResult => ({ kind: 'failed', code: 'any', retry })

const table: readonly [name: string, result: AttemptResult, attempts: number, settlement: Disposition][] = [
  ['an applied event', { kind: 'applied' }, 0, { do: 'ack' }],
  ['an ignored event', { kind: 'ignored' }, 0, { do: 'ack' }],
  ['a known event', { kind: 'duplicate' }, 3, { do: 'ack' }],
  [
    'one that finds a slow call',
    { kind: 'busy' },
    2,
    { do: 'wait', ms: 1_000, attempt: 2, reason: 'call-open' },
  ],
  [
    'one that is on record but not yet told',
    { kind: 'unfinished', code: 'publish-unconfirmed' },
    4,
    { do: 'wait', ms: 2_000, attempt: 4, reason: 'publish-unconfirmed' },
  ],
  ['any event while the store is away', { kind: 'down', code: 'store-unavailable' }, 4, { do: 'keep' }],
  ['a dead one', { kind: 'dead', reason: 'any' }, 2, { do: 'park', attempts: 2, reason: 'any', mark: false }],
  [
    'what cannot be read',
    { kind: 'poison', code: 'body-unreadable' },
    0,
    { do: 'park', attempts: 0, reason: 'body-unreadable', mark: false },
  ],
  ['a newer version', newer, 0, { do: 'wait', ms: 1_000, attempt: 1, reason: 'event-newer' }],
  ['a newer version', newer, 3, { do: 'wait', ms: 4_000, attempt: 4, reason: 'event-newer' }],
  ['a newer version', newer, 4, { do: 'park', attempts: 5, reason: 'event-newer', mark: false }],
  ['the first failure', failed('later'), 0, { do: 'wait', ms: 1_000, attempt: 1, reason: 'any' }],
  ['the third failure', failed('later'), 2, { do: 'wait', ms: 4_000, attempt: 3, reason: 'any' }],
  [
    'the fourth failure, beyond the retry policy',
    failed('later'),
    3,
    { do: 'wait', ms: 4_000, attempt: 4, reason: 'any' },
  ],
  ['the last failure', failed('later'), 4, { do: 'park', attempts: 5, reason: 'any', mark: true }],
  ['a failure for good', failed('never'), 0, { do: 'park', attempts: 1, reason: 'any', mark: true }],
]

describe('the settlement of an event', () => {
  for (const [failingMs, ms] of [
    [-3_600_000, 2_000],
    [0, 2_000],
    [3_999, 2_000],
    [4_000, 4_000],
    [3_600_000, 4_000],
  ] as const)
    it(`waits ${ms} ms with what could not be told for ${failingMs} ms, and does not count it`, () => {
      const disposition = dispositionOf(
        { kind: 'unfinished', code: 'publish-unconfirmed' },
        3,
        ladder,
        failingMs,
      )
      expect(disposition).to.include({ do: 'wait', ms, attempt: 3 })
    })

  for (const [waitingMs, ms] of [
    [-3_600_000, 1_000],
    [0, 1_000],
    [1_999, 1_000],
    [2_000, 2_000],
    [3_600_000, 4_000],
  ] as const)
    it(`waits ${ms} ms with what has met an open call for ${waitingMs} ms, and does not count it`, () => {
      expect(dispositionOf({ kind: 'busy' }, 3, ladder, waitingMs)).to.include({ do: 'wait', ms, attempt: 3 })
    })

  for (const [name, result, attempts, disposition] of table)
    it(`of ${name} after ${attempts} failed attempts: ${disposition.do}`, () => {
      expect(dispositionOf(result, attempts, ladder)).to.deep.equal(disposition)
    })
})
