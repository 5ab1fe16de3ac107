import { expect } from 'chai'
import { openShop, request } from './shop.ts'

describe('many calls to a slow provider at once', () => {
  it('[I15] are all finished as soon as they are answered: none waits for a sweep, however many there are', async function () {
    this.timeout(60_000)
    const shop = await openShop({ units: 1_000 })
    const orders = []
    for (let n = 0; n < 300; n += 1)
      orders.push(await shop.place(request({ token: 'tok_slow', quantity: 1 })))
    // The provider answers after 5 s; the lease of a call that is left alone is 30 s.
    await shop.clock.advance(15_000)
    const ends = await Promise.all(orders.map(orderId => shop.statusOf(orderId)))
    expect(new Set(ends)).to.deep.equal(new Set(['confirmed']))
    expect(shop.notices().filter(({ kind }) => kind === 'repaired')).to.deep.equal([])
  })
})
