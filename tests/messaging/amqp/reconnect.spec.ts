import { expect } from 'chai'
import { keepReconnecting } from '../../../shared/messaging/amqp/reconnect.ts'
import { type Clock, sleep } from '../../../shared/runtime/time/clock.ts'
import { manualClock } from '../../support/manual-clock.ts'

/** Full delays, so that the times of the openings are those of the back-off. */
const random = { int: (below: number) => below - 1, id: () => '' }

/** Something that is opened again and again; says when each opening began. */
const given = (open: (lost: () => void, clock: Clock) => Promise<void>) => {
  const clock = manualClock()
  const begun: number[] = []
  const kept = keepReconnecting({
    ...{ clock, random, delays: { base: 100, cap: 60_000 } },
    open: lost => {
      begun.push(clock.now())
      return open(lost, clock)
    },
  })
  const pauses = (took: number) => begun.slice(1).map((at, i) => at - (begun[i] ?? 0) - took)
  return { clock, kept, begun, pauses }
}

describe('something that comes back', () => {
  it('waits longer after every opening that fails', async () => {
    const { clock, pauses, kept } = given(() => Promise.reject(new Error('refused')))
    await clock.advance(3_000)
    kept.stop()
    expect(pauses(0).slice(0, 4)).to.deep.equal([99, 199, 399, 799])
  })

  it('waits longer also when it takes long to fail: nothing lived meanwhile', async () => {
    const { clock, kept, pauses } = given(async (_, clock) => {
      await sleep(clock, 10_000)
      throw new Error('timed out')
    })
    await clock.advance(60_000)
    kept.stop()
    expect(pauses(10_000).slice(0, 4)).to.deep.equal([99, 199, 399, 799])
  })

  it('begins with the shortest wait again after what lived for a while, and not after what was lost at once', async () => {
    let lives = 0
    const { clock, kept, begun } = given(async (lost, clock) => {
      clock.after(++lives === 4 ? 5_000 : 1, lost)
    })
    await clock.advance(20_000)
    kept.stop()
    const between = begun.slice(1, 6).map((at, i) => at - (begun[i] ?? 0))
    expect(between).to.deep.equal([100, 200, 400, 5_099, 200])
  })

  it('is opened no more once it is stopped, however late the loss is reported', async () => {
    let report = () => {}
    const { clock, kept, begun } = given(async lost => {
      report = lost
    })
    kept.stop()
    report()
    await clock.advance(60_000)
    expect([begun, clock.waiting()]).to.deep.equal([[0], 0])
  })
})
