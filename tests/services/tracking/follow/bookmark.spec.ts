import { expect } from 'chai'
import { keepBookmark } from '../../../../services/tracking/follow/bookmark.ts'
import type { Progress } from '../../../../services/tracking/follow/progress.ts'
import { SagaError } from '../../../../shared/runtime/errors.ts'
import { logInto } from '../../../support/log.ts'
import { manualClock } from '../../../support/manual-clock.ts'

const at = (offset: number): Progress => ({ offset, messageId: `m${offset}`, index: 0, newestAt: 1 })

describe('the bookmark in the journal', () => {
  const given = () => {
    const clock = manualClock()
    const lines: string[] = []
    const written: (number | undefined)[] = []
    const store = { away: false, attempts: 0, slow: false }
    const put = async (to: Progress | undefined) => {
      store.attempts += 1
      if (store.away) throw new SagaError('store-unavailable', 'away')
      if (store.slow) await new Promise<void>(resolve => void clock.after(100, resolve))
      written.push(to?.offset)
    }
    const bookmark = keepBookmark({ clock, log: logInto(lines), generation: 1 }, put)
    return { clock, lines, written, store, bookmark }
  }

  it('goes on record once for all places of half a second, with the last of them', async () => {
    const { clock, written, bookmark } = given()
    for (let i = 1; i <= 10; i++) {
      bookmark.move(at(i))
      await clock.advance(100)
    }
    expect(written).to.deep.equal([5, 10])
    expect(bookmark.onRecord).to.equal(true)
    await clock.advance(10_000)
    expect(written).to.deep.equal([5, 10])
  })

  it('is not on record before the store took the last place', async () => {
    const { clock, bookmark } = given()
    expect(bookmark.onRecord).to.equal(true)
    bookmark.move(at(1))
    expect(bookmark.onRecord).to.equal(false)
    await clock.advance(500)
    expect(bookmark.onRecord).to.equal(true)
  })

  it('is not on record with a place that came while the one before was written', async () => {
    const { clock, written, store, bookmark } = given()
    store.slow = true
    bookmark.move(at(1))
    await clock.advance(550)
    bookmark.move(at(2))
    await clock.advance(50)
    expect(written).to.deep.equal([1])
    expect(bookmark.onRecord).to.equal(false)
    await clock.advance(600)
    expect(written).to.deep.equal([1, 2])
    expect(bookmark.onRecord).to.equal(true)
  })

  it('is tried until the store takes it, and its trouble is said once', async () => {
    const { clock, lines, written, store, bookmark } = given()
    store.away = true
    bookmark.move(at(1))
    await clock.advance(1_600)
    expect(store.attempts).to.equal(3)
    expect(lines).to.have.lengthOf(1)
    expect(bookmark.onRecord).to.equal(false)
    store.away = false
    await clock.advance(500)
    expect(written).to.deep.equal([1])
  })

  it('goes on record when it is closed, and never fails that', async () => {
    const { clock, written, store, bookmark } = given()
    bookmark.move(at(1))
    await bookmark.close()
    expect(written).to.deep.equal([1])
    store.away = true
    bookmark.move(at(2))
    await bookmark.close()
    expect(clock.waiting()).to.equal(0)
  })
})
