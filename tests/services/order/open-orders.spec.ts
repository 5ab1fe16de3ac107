import { expect } from 'chai'
import type { OrderId } from '../../../services/contract/ids.ts'
import { countedOrders } from './counted-orders.ts'

type Instance = ReturnType<ReturnType<typeof countedOrders>['instance']>

/** What came of placing `count` orders, one after the other. */
const placeEach = async ({ place }: Instance, count: number): Promise<(OrderId | 'full')[]> => {
  const outcomes: (OrderId | 'full')[] = []
  for (let i = 0; i < count; i++) outcomes.push(await place())
  return outcomes
}

const taken = (outcomes: readonly (OrderId | 'full')[]) =>
  outcomes.filter((outcome): outcome is OrderId => outcome !== 'full')

describe('the bound on open orders', () => {
  it('takes exactly the limit, one after the other or all at once', async () => {
    const inTurn = countedOrders(3).instance()
    expect(taken(await placeEach(inTurn, 5))).to.have.length(3)
    const atOnce = countedOrders(3).instance()
    const outcomes = await Promise.all(Array.from({ length: 5 }, () => atOnce.place()))
    expect(taken(outcomes)).to.have.length(3)
  })

  it('gives a place back once when its request comes to nothing', () => {
    const { open } = countedOrders(1).instance()
    const place = open.enter()
    if (place === 'full') throw new Error('no place')
    expect(open.enter()).to.equal('full')
    place.leave()
    place.leave()
    expect(open.open()).to.equal(0)
    expect(open.enter()).to.be.an('object')
    expect(open.enter()).to.equal('full')
  })

  it('takes the next one as soon as one is settled here, without a look', async () => {
    const { instance, counts } = countedOrders(2)
    const own = instance()
    const [first] = taken(await placeEach(own, 2))
    const looks = counts.length
    if (first) await own.settle(first)
    expect(taken(await placeEach(own, 2))).to.have.length(1)
    expect(counts).to.have.length(looks)
  })

  it('counts what other instances took, and sees what they settled', async () => {
    const { instance, clock } = countedOrders(3)
    const [own, other] = [instance(), instance()]
    const theirs = taken(await placeEach(other, 2))
    await placeEach(own, 1)
    await clock.settle()
    expect(own.open.open()).to.equal(3)
    expect(await own.place()).to.equal('full')
    for (const order of theirs) await other.settle(order)
    await clock.advance(100)
    await own.place()
    await clock.settle()
    expect(own.open.open()).to.equal(2)
  })

  it('sees while nobody comes that there is room again, until it is stopped', async () => {
    const { instance, clock, counts } = countedOrders(1)
    const [own, other] = [instance(), instance()]
    const [order] = taken([await other.place()])
    await own.place()
    await clock.settle()
    expect(await own.place()).to.equal('full')
    await clock.advance(250)
    if (order) await other.settle(order)
    await clock.advance(100)
    expect(own.open.open()).to.equal(1)
    own.open.stop()
    other.open.stop()
    const looks = counts.length
    await clock.advance(1_000)
    expect(counts).to.have.length(looks)
  })

  it('looks no more when it is stopped in the middle of a look', async () => {
    const { instance, clock, counts } = countedOrders(1)
    const own = instance()
    await own.place()
    await clock.advance(50)
    own.open.stop()
    await clock.advance(100)
    expect(await own.place()).to.equal('full')
    const looks = counts.length
    await clock.advance(1_000)
    expect(counts).to.have.length(looks)
  })

  it('never looks when it is idle', async () => {
    const { instance, clock, counts } = countedOrders(10)
    const own = instance()
    await placeEach(own, 3)
    await clock.advance(60_000)
    expect(counts).to.have.length(1)
    expect(own.open.open(), 'of orders that young').to.equal(0)
  })

  it('looks ten times a second at most, however many come', async () => {
    const { instance, clock, counts } = countedOrders(1_000)
    const own = instance()
    for (let ms = 0; ms < 1_000; ms += 10) {
      await own.place()
      await clock.advance(10)
    }
    expect(counts).to.have.length(10)
  })

  it('counts an order for ten seconds, so that an outage does not close the API', async () => {
    const { instance, clock } = countedOrders(2)
    const own = instance()
    await placeEach(own, 2)
    await clock.advance(9_000)
    expect(await own.place()).to.equal('full')
    await clock.advance(1_500)
    expect(taken(await placeEach(own, 3))).to.have.length(2)
  })

  it('does not take off what is settled when it counted no more', async () => {
    const { instance, clock } = countedOrders(2)
    const own = instance()
    const old = taken(await placeEach(own, 2))
    await clock.advance(10_500)
    await placeEach(own, 2)
    for (const order of old) await own.settle(order)
    expect(own.open.open()).to.equal(2)
    expect(await own.place()).to.equal('full')
  })

  it('goes on from the last count while the store cannot count, and says so once', async () => {
    const { instance, clock, storeIsAway, warnings } = countedOrders(3)
    const own = instance()
    const [first] = taken(await placeEach(own, 2))
    await clock.settle()
    storeIsAway(true)
    await clock.advance(1_000)
    expect(taken(await placeEach(own, 2))).to.have.length(1)
    if (first) await own.settle(first)
    await clock.advance(1_000)
    expect(taken(await placeEach(own, 2))).to.have.length(1)
    expect(warnings).to.have.length(1)
  })

  it('takes the limit in ten seconds when the store can never count', async () => {
    const { instance, clock, storeIsAway } = countedOrders(2)
    storeIsAway(true)
    const own = instance()
    for (let seconds = 0; seconds < 30; seconds += 10) {
      expect(taken(await placeEach(own, 3)), `after ${seconds} s`).to.have.length(2)
      await clock.advance(10_100)
    }
  })
})
