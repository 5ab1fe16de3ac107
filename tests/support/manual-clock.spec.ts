import { expect } from 'chai'
import { sleep, within } from '../../shared/runtime/time/clock.ts'
import { manualClock } from './manual-clock.ts'

/** What was raised, as text; fails when nothing was. */
const raised = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => expect.fail('nothing was raised'),
    error => String(error),
  )

describe('the manual clock', () => {
  it('stands still until it is moved', async () => {
    const clock = manualClock(1_000)
    let ran = false
    clock.after(0, () => {
      ran = true
    })
    await new Promise(resolve => setImmediate(resolve))
    expect([clock.now(), ran]).to.deep.equal([1_000, false])
    await clock.settle()
    expect([clock.now(), ran]).to.deep.equal([1_000, true])
  })

  it('runs timers in the order of their times, and of their start within one time', async () => {
    const clock = manualClock()
    const seen: string[] = []
    const note = (name: string) => () => seen.push(`${name}@${clock.now()}`)
    clock.after(20, note('c'))
    clock.after(10, note('a'))
    clock.after(10, note('b'))
    clock.after(31, note('late'))
    await clock.advance(30)
    expect(seen).to.deep.equal(['a@10', 'b@10', 'c@20'])
    expect([clock.now(), clock.waiting()]).to.deep.equal([30, 1])
  })

  it('runs timers that are started while it advances, in their place', async () => {
    const clock = manualClock()
    const seen: number[] = []
    const beat = () => {
      seen.push(clock.now())
      clock.after(10, beat)
    }
    clock.after(10, beat)
    clock.after(25, () => seen.push(clock.now()))
    await clock.advance(40)
    expect(seen).to.deep.equal([10, 20, 25, 30, 40])
  })

  it('lets the promises behind one timer settle before the next timer runs', async () => {
    const clock = manualClock()
    const seen: string[] = []
    const slowly = async () => {
      await sleep(clock, 10)
      for (let step = 0; step < 50; step++) await null
      await new Promise(resolve => setImmediate(resolve))
      seen.push('settled')
    }
    void slowly()
    clock.after(11, () => seen.push('next'))
    await clock.advance(20)
    expect(seen).to.deep.equal(['settled', 'next'])
  })

  it('never runs a timer that was cancelled, also when an earlier one of the same instant cancels it', async () => {
    const clock = manualClock()
    let ran = 0
    const cancels: (() => void)[] = []
    clock.after(10, () => {
      for (const cancel of cancels) cancel()
    })
    for (const ms of [10, 10, 20]) cancels.push(clock.after(ms, () => ran++))
    const kept = clock.after(10, () => ran++)
    await clock.advance(30)
    kept()
    expect([ran, clock.waiting()]).to.deep.equal([1, 0])
  })

  it('tells in time from late', async () => {
    const clock = manualClock()
    const answer = within(clock, 100, sleep(clock, 99))
    const late = within(clock, 100, sleep(clock, 101))
    await clock.advance(100)
    expect([await answer, await late]).to.deep.equal([{ value: undefined }, 'late'])
  })

  it('leaves no unhandled rejection behind when late work fails', async () => {
    const clock = manualClock()
    const failing = sleep(clock, 200).then(() => Promise.reject(new Error('nobody listens')))
    const late = within(clock, 100, failing)
    const unhandled: unknown[] = []
    const note = (error: unknown) => void unhandled.push(error)
    process.on('unhandledRejection', note)
    await clock.advance(300)
    process.off('unhandledRejection', note)
    expect([await late, unhandled]).to.deep.equal(['late', []])
  })

  it('jumps from timer to timer until a condition holds, and no further', async () => {
    const clock = manualClock()
    let hours = 0
    const hourly = () => {
      hours++
      clock.after(3_600_000, hourly)
    }
    clock.after(3_600_000, hourly)
    await clock.runUntil(async () => hours === 24, { limitMs: 48 * 3_600_000 })
    expect([hours, clock.now()]).to.deep.equal([24, 24 * 3_600_000])
    await clock.runUntil(() => true, { limitMs: 0 })
    expect(clock.now()).to.equal(24 * 3_600_000)
  })

  it('waits for work that needs turns of the event loop but no time', async () => {
    const clock = manualClock()
    let done = false
    const work = async () => {
      for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
      done = true
    }
    void work()
    await clock.runUntil(() => done, { limitMs: 1 })
    expect(clock.now()).to.equal(0)
  })

  it('says what it waited for when the condition does not hold in time', async () => {
    const clock = manualClock()
    clock.after(500, () => {})
    clock.after(1_500, () => {})
    expect(await raised(clock.runUntil(() => false, { limitMs: 1_000 }))).to.match(
      /did not hold within 1000 ms .* 1 timers wait, the next one is due 1000 ms after/,
    )
    await clock.advance(2_000)
    expect(await raised(clock.runUntil(() => false, { limitMs: 1_000 }))).to.match(/no timer is left/)
    expect(await raised(clock.runUntil(() => false, { limitMs: Number.POSITIVE_INFINITY }))).to.match(
      /no timer is left/,
    )
  })

  it('refuses to be moved twice at once, and can be moved again after a timer raised an error', async () => {
    const clock = manualClock()
    clock.after(5, () => {
      throw new Error('from a timer')
    })
    const first = clock.advance(10)
    expect(await raised(clock.advance(10))).to.match(/being moved already/)
    expect(await raised(first)).to.match(/from a timer/)
    await clock.advance(1)
    expect(clock.now()).to.equal(6)
  })

  it('notices when time stands still', async () => {
    const clock = manualClock()
    const again = () => {
      clock.after(0, again)
    }
    again()
    expect(await raised(clock.advance(1))).to.match(/time stands still/)
  })
})
