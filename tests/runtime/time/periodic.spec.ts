import { expect } from 'chai'
import { periodically } from '../../../shared/runtime/time/periodic.ts'
import { logInto } from '../../support/log.ts'
import { manualClock } from '../../support/manual-clock.ts'

describe('a periodic task', () => {
  const given = (pauseMs: number | (() => number), task: () => Promise<unknown> = async () => {}) => {
    const clock = manualClock()
    const lines: string[] = []
    const runs: number[] = []
    const periodic = periodically({ clock, log: logInto(lines) }, 'looking', pauseMs, async () => {
      runs.push(clock.now())
      await task()
    })
    return { clock, lines, runs, periodic }
  }

  it('runs at once, and again when its pause is over', async () => {
    const { clock, runs, periodic } = given(100)
    await clock.advance(250)
    expect(runs).to.deep.equal([0, 100, 200])
    await periodic.stop()
    await clock.advance(1_000)
    expect(runs).to.have.lengthOf(3)
    expect(clock.waiting()).to.equal(0)
  })

  it('asks after each run how long to pause', async () => {
    const pauses = [10, 500, 1_000]
    const { clock, runs } = given(() => pauses.shift() ?? 1_000)
    await clock.advance(600)
    expect(runs).to.deep.equal([0, 10, 510])
  })

  it('runs sooner when there is reason to, also when the reason comes during a run', async () => {
    let during = false
    const { clock, runs, periodic } = given(1_000, async () => {
      if (!during) return
      during = false
      periodic.soon()
    })
    await clock.advance(300)
    during = true
    periodic.soon()
    await clock.settle()
    expect(runs).to.deep.equal([0, 300, 300])
  })

  it('goes on after a failure, and says it', async () => {
    const { clock, lines, runs } = given(100, () => Promise.reject(new Error('no')))
    await clock.advance(150)
    expect(runs).to.deep.equal([0, 100])
    expect(lines[0]).to.contain('a periodic task failed').and.contain('looking')
  })
})
