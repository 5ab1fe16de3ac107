import { expect } from 'chai'
import { pausesOf } from '../../shared/saga/pauses.ts'
import { newOrder } from '../support/events.ts'
import { manualClock } from '../support/manual-clock.ts'
import { seededRandom } from '../support/seeded-random.ts'

describe('an order whose events could not be sent', () => {
  const given = (limit = 10) => {
    const clock = manualClock()
    return { clock, pauses: pausesOf({ clock, random: seededRandom(1) }, limit) }
  }

  it('is left alone for longer after every failure, for a minute at most, and other orders are not', async () => {
    const { clock, pauses } = given()
    const [order, other] = [newOrder(), newOrder()]
    const lengths: number[] = []
    for (let failure = 0; failure < 8; failure++) {
      pauses.failed(order, 'publish-rejected')
      const began = clock.now()
      while (pauses.isPaused(order)) await clock.advance(100)
      lengths.push(clock.now() - began)
    }
    expect(lengths[0]).to.be.within(2_500, 5_100)
    expect(lengths[2]).to.be.within(10_000, 20_100)
    for (const length of lengths.slice(4)) expect(length).to.be.within(30_000, 60_100)
    expect(new Set(lengths.slice(4)).size, 'jittered').to.be.above(1)
    expect(pauses.isPaused(other)).to.equal(false)
  })

  it('is left alone for a quarter of a minute at most when the broker confirmed nothing in time', async () => {
    const { clock, pauses } = given()
    const order = newOrder()
    for (let failure = 0; failure < 8; failure++) pauses.failed(order, 'publish-unconfirmed')
    await clock.advance(15_000)
    expect(pauses.isPaused(order)).to.equal(false)
  })

  it('begins anew once something was sent', async () => {
    const { clock, pauses } = given()
    const order = newOrder()
    for (let failure = 0; failure < 8; failure++) pauses.failed(order, 'publish-rejected')
    pauses.ended(order)
    expect(pauses.isPaused(order)).to.equal(false)
    pauses.failed(order, 'publish-rejected')
    await clock.advance(5_000)
    expect(pauses.isPaused(order)).to.equal(false)
  })

  it('is forgotten when too many others failed since', () => {
    const { pauses } = given(2)
    const orders = [newOrder(), newOrder(), newOrder()]
    for (const order of orders) pauses.failed(order, 'publish-rejected')
    expect(orders.map(pauses.isPaused)).to.deep.equal([false, true, true])
  })
})
