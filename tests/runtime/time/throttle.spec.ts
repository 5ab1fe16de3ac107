import { expect } from 'chai'
import { throttled } from '../../../shared/runtime/time/throttle.ts'
import { manualClock } from '../../support/manual-clock.ts'

describe('calm news of a state', () => {
  const given = () => {
    const clock = manualClock()
    const said: string[] = []
    const news = throttled(clock, 10_000, 'well', state => said.push(`${state}@${clock.now()}`))
    return { clock, said, news }
  }

  it('says the first change at once', () => {
    const { said, news } = given()
    news.set('ill')
    expect(said).to.deep.equal(['ill@0'])
  })

  it('says one change in ten seconds, however often it goes to and fro, and then what it came to', async () => {
    const { clock, said, news } = given()
    for (let i = 0; i < 100; i++) {
      news.set('ill')
      news.set('well')
    }
    await clock.advance(9_999)
    expect(said).to.deep.equal(['ill@0'])
    await clock.advance(1)
    expect(said).to.deep.equal(['ill@0', 'well@10000'])
  })

  it('says nothing more of what came back to what was said', async () => {
    const { clock, said, news } = given()
    news.set('ill')
    news.set('well')
    news.set('ill')
    await clock.advance(60_000)
    expect(said).to.deep.equal(['ill@0'])
    news.set('well')
    expect(said).to.deep.equal(['ill@0', 'well@60000'])
  })

  it('keeps no timer once it is stopped', () => {
    const { clock, news } = given()
    news.set('ill')
    news.stop()
    expect(clock.waiting()).to.equal(0)
  })
})
