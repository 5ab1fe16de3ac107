import { once } from 'node:events'
import { expect } from 'chai'
import { systemClock } from '../../../shared/runtime/time/clock.ts'
import { circuitBreaker } from '../../../shared/storage/redis/circuit-breaker.ts'
import { busyFor } from '../../support/busy.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { connectedSockets } from '../../support/sockets.ts'

const setUp = () => {
  const clock = manualClock()
  const said: (string | undefined)[] = []
  const counted: number[] = []
  const guarded = circuitBreaker(clock, { answerMs: 50, pauseMs: 1_000 }, (failing, failures) => {
    said.push(failing?.code)
    counted.push(failures)
  })
  let asked = 0
  const ask = (work: () => Promise<string>) =>
    guarded(() => {
      asked += 1
      return work()
    }, 'nothing')
  return { clock, said, counted, ask, asked: () => asked }
}
const works = async () => 'something'
const fails = () => Promise.reject(Object.assign(new Error('full'), { code: 'OOM' }))
const never = () => new Promise<string>(() => {})

describe('a circuit', () => {
  it('gives the answer when there is one in time, and the other one when the work fails', async () => {
    const { ask } = setUp()
    expect([await ask(works), await ask(fails)]).to.deep.equal(['something', 'nothing'])
  })

  it('waits only so long', async () => {
    const { clock, ask } = setUp()
    let answer: string | undefined
    void ask(never).then(value => {
      answer = value
    })
    await clock.advance(49)
    expect(answer).to.equal(undefined)
    await clock.advance(1)
    expect(answer).to.equal('nothing')
  })

  it('asks nobody for a pause after a failure, and then again', async () => {
    const { clock, ask, asked } = setUp()
    await ask(fails)
    await clock.advance(999)
    expect(await ask(works)).to.equal('nothing')
    expect(asked()).to.equal(1)
    await clock.advance(1)
    expect(await ask(works)).to.equal('something')
  })

  it('asks again at once when an answer comes to somebody who asked before the failure', async () => {
    const { ask, asked } = setUp()
    let answer: (value: string) => void = () => {}
    const before = ask(() => new Promise<string>(resolve => (answer = resolve)))
    await ask(fails)
    answer('something')
    expect(await before).to.equal('something')
    expect(await ask(works)).to.equal('something')
    expect(asked()).to.equal(3)
  })

  it('does not call a dependency late whose answer came while this process was busy', async () => {
    const said: (string | undefined)[] = []
    const guarded = circuitBreaker(systemClock, { answerMs: 50, pauseMs: 1_000 }, failing =>
      said.push(failing?.code),
    )
    const { near, far } = await connectedSockets()
    const heard = once(near, 'data').then(([data]) => String(data))
    const asking = guarded(() => heard, 'nothing')
    far.write('something')
    busyFor(200)
    expect([await asking, said]).to.deep.equal(['something', []])
    near.destroy()
  })

  it('says once that it fails, with the code, and once that it works again, with how often it has failed', async () => {
    const { clock, said, counted, ask } = setUp()
    for (const work of [works, fails, fails, works, works]) {
      await ask(work)
      await clock.advance(1_000)
    }
    expect(said).to.deep.equal(['OOM', undefined])
    expect(counted.at(-1)).to.equal(2)
  })
})
