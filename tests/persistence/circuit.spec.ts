import { expect } from 'chai'
import { circuit } from '../../shared/persistence/circuit.ts'
import { manualClock } from '../given/manual-clock.ts'

const setUp = () => {
  const clock = manualClock()
  const said: (string | undefined)[] = []
  const guarded = circuit(clock, { answerMs: 50, pauseMs: 1_000 }, failing => said.push(failing))
  let asked = 0
  const ask = (work: () => Promise<string>) =>
    guarded(() => {
      asked += 1
      return work()
    }, 'nothing')
  return { clock, said, ask, asked: () => asked }
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

  it('says once that it fails, with the code, and once that it works again', async () => {
    const { clock, said, ask } = setUp()
    for (const work of [works, fails, fails, works, works]) {
      await ask(work)
      await clock.advance(1_000)
    }
    expect(said).to.deep.equal(['OOM', undefined])
  })
})
