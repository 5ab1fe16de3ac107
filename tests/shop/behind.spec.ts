import { expect } from 'chai'
import type { OrderId } from '../../services/contract/ids.ts'
import { openShop, request } from './shop.ts'

const wishes = {
  confirmed: {},
  rejected: { token: 'tok_decline' },
  cancelled: { postalCode: 'XX0 0XX' },
}
const seeds = Array.from({ length: 40 }, (_, n) => n + 1)
// An instance that is behind takes every second delivery: after so many attempts one that is not has had its
// turn.
const maxAttempts = 50

type Shop = Awaited<ReturnType<typeof openShop>>
const openMixed = (seed: number) =>
  openShop({ seed, instances: 2, othersBehind: true, maxAttempts, units: 1_000 })
const missed = (shop: Shop) =>
  shop.notices().filter(({ kind, data }) => kind === 'attempt-failed' && data.reason === 'event-newer').length

describe('every service with one instance that can read no event, because all are newer than what it knows', function () {
  this.timeout(60_000)

  it('[I34] ends every order as it would have, keeps the books, and leaves nothing in the dead letters', async () => {
    let met = 0
    for (const seed of seeds) {
      const shop = await openMixed(seed)
      for (const [end, wish] of Object.entries(wishes)) {
        const orderId = await shop.place(request(wish))
        expect(await shop.settled(orderId, 600_000), `seed ${seed}`).to.equal(end)
        const net = shop
          .moneyOf(orderId)
          .reduce((sum, { kind, amount }) => sum + (kind === 'charge' ? amount : -amount), 0)
        expect(net, `seed ${seed}`).to.equal(end === 'confirmed' ? 2_500 : 0)
      }
      expect(await shop.books(), `seed ${seed}`).to.include({ onHand: 998, held: 0, shipped: 2 })
      expect(shop.deadLetters(), `seed ${seed}`).to.deep.equal([])
      met += missed(shop)
    }
    expect(met).to.be.above(seeds.length)
  })

  it('[I34] repairs an order that is sent again, also where the instance that is behind gets it: it knows what was applied', async () => {
    const shop = await openMixed(7)
    const orderId = await shop.place(request())
    await shop.settled(orderId)
    const placed = await eventOf(shop, orderId)
    const before = missed(shop)
    for (let n = 0; n < 20; n++) {
      for (const cache of Object.values(shop.caches)) cache.wipe()
      const sending = shop.sendAgain(placed, `again-${n}`)
      await shop.clock.advance(60_000)
      await sending
    }
    expect(missed(shop)).to.equal(before)
    expect(shop.deadLetters()).to.deep.equal([])
    expect(shop.moneyOf(orderId)).to.have.length(1)
  })
})

const eventOf = async (shop: Shop, orderId: OrderId) => {
  const documents = await shop.documentsOf(orderId)
  const placed = documents.flatMap(({ events }) => events).find(({ type }) => type === 'order.placed')
  if (!placed) throw new Error('nothing was placed')
  return placed as Parameters<Shop['sendAgain']>[0]
}
