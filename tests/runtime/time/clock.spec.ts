import { once } from 'node:events'
import type { Socket } from 'node:net'
import { expect } from 'chai'
import { type Clock, systemClock, within } from '../../../shared/runtime/time/clock.ts'
import { busyFor } from '../../support/busy.ts'
import { connectedSockets } from '../../support/sockets.ts'

/** A clock whose timers fire when the test says so, as late as it likes. */
const stallingClock = () => {
  const timers: { readonly due: number; readonly task: () => void }[] = []
  let now = 0
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    after: (ms, task) => {
      const timer = { due: now + ms, task }
      timers.push(timer)
      return () => void timers.splice(timers.indexOf(timer), 1)
    },
    defer: systemClock.defer,
  }
  /** Lets the time be `at`, and runs what is due then. */
  const wakeAt = async (at: number) => {
    now = at
    for (const timer of timers.filter(({ due }) => due <= at)) {
      timers.splice(timers.indexOf(timer), 1)
      timer.task()
    }
    await new Promise(resolve => setImmediate(resolve))
  }
  return { clock, wakeAt, due: () => timers.map(({ due }) => due) }
}

const never = () => new Promise<never>(() => {})

describe('a wait with a limit', () => {
  let near: Socket
  let far: Socket

  before(async () => {
    ;({ near, far } = await connectedSockets())
  })
  after(() => near.destroy())

  it('hears what lies in a socket before it calls it late, however long the process was busy', async () => {
    const answer = once(near, 'data').then(([data]) => String(data))
    const waiting = within(systemClock, 50, answer)
    far.write('here')
    busyFor(200)
    expect(await waiting).to.deep.equal({ value: 'here' })
  })

  it('hears it also when its timer was in time', async () => {
    const { clock, wakeAt } = stallingClock()
    const answer = once(near, 'data').then(([data]) => String(data))
    const waiting = within(clock, 50, answer)
    far.write('here')
    await wakeAt(50)
    expect(await waiting).to.deep.equal({ value: 'here' })
  })

  it('grants again what its timer was late by, once and no more than the limit', async () => {
    const { clock, wakeAt, due } = stallingClock()
    let outcome: unknown
    void within(clock, 100, never()).then(result => {
      outcome = result
    })
    await wakeAt(130)
    expect([outcome, due()]).to.deep.equal([undefined, [160]])
    await wakeAt(500)
    expect([outcome, due()]).to.deep.equal(['late', []])

    void within(clock, 100, never())
    await wakeAt(9_000)
    expect(due()).to.deep.equal([9_100])
  })

  it('takes what comes in the time that was granted again', async () => {
    const { clock, wakeAt } = stallingClock()
    let answer: (value: string) => void = () => {}
    const waiting = within(clock, 100, new Promise<string>(resolve => (answer = resolve)))
    await wakeAt(180)
    answer('here')
    expect(await waiting).to.deep.equal({ value: 'here' })
  })

  it('is late at once when the timer was in time, also when the clock was set back', async () => {
    for (const wokenAt of [100, 40]) {
      const { clock, wakeAt } = stallingClock()
      const waiting = within({ ...clock, now: () => Math.min(clock.now(), wokenAt) }, 100, never())
      await wakeAt(100)
      expect(await waiting).to.equal('late')
    }
  })
})
