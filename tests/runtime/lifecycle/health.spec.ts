import { expect } from 'chai'
import { type Check, failing } from '../../../shared/runtime/lifecycle/health.ts'
import { manualClock } from '../../support/manual-clock.ts'

describe('the checks of a process', () => {
  const check = (name: string, ok: Check['ok']): Check => ({ name, ok })

  it('fail that do not hold, throw, reject, or take too long, in the order that they have', async () => {
    const clock = manualClock()
    const asked = failing(
      [
        check('holds', () => true),
        check('does not hold', () => false),
        check('throws', () => {
          throw new Error('broken')
        }),
        check('holds later', async () => true),
        check('rejects', () => Promise.reject(new Error('away'))),
        check('never answers', () => new Promise(() => {})),
      ],
      clock,
      1_000,
    )
    await clock.advance(1_000)
    expect(await asked).to.deep.equal(['does not hold', 'throws', 'rejects', 'never answers'])
  })
})
