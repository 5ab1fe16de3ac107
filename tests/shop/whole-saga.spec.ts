import { expect } from 'chai'
import type { OrderId } from '../../services/contract/ids.ts'
import { fold } from '../../shared/saga/define/service.ts'
import { openShop, request, unitPrice } from './shop.ts'

const kinds = (entries: readonly { kind: string }[]) => entries.map(({ kind }) => kind)

describe('a whole saga on virtual time', () => {
  it('confirms an order that everybody agrees to, and the stock has left', async () => {
    const shop = await openShop()
    const orderId = await shop.place(request())
    expect(await shop.settled(orderId)).to.equal('confirmed')
    expect(kinds(shop.moneyOf(orderId))).to.deep.equal(['charge'])
    expect(shop.moneyOf(orderId)[0]?.amount).to.equal(2 * unitPrice)
    expect(shop.carrier.entries()).to.have.length(1)
    expect(await shop.books()).to.include({ initial: 10, onHand: 8, held: 0, shipped: 2 })
  })

  it('[I5] rejects a declined order with its hold released', async () => {
    const shop = await openShop()
    const orderId = await shop.place(request({ token: 'tok_decline' }))
    expect(await shop.settled(orderId)).to.equal('rejected')
    expect(shop.moneyOf(orderId)).to.be.empty
    expect(await shop.books()).to.include({ onHand: 10, held: 0, shipped: 0 })
  })

  it('rejects an order beyond the stock, and holds none of it', async () => {
    const shop = await openShop({ units: 3 })
    const orderId = await shop.place(request({ quantity: 5 }))
    expect(await shop.settled(orderId)).to.equal('rejected')
    expect(shop.moneyOf(orderId)).to.be.empty
    expect(await shop.books()).to.include({ onHand: 3, held: 0 })
  })

  it('[I2] cancels an order that the carrier refuses, with charge and refund on the ledger', async () => {
    const shop = await openShop()
    const orderId = await shop.place(request({ postalCode: 'XX0 0XX' }))
    expect(await shop.settled(orderId)).to.equal('cancelled')
    expect(kinds(shop.moneyOf(orderId))).to.deep.equal(['charge', 'refund'])
    expect((await shop.desk.find(orderId))?.reason).to.equal('shipment-refused')
    expect(await shop.books()).to.include({ onHand: 10, held: 0 })
  })

  it('[I8] cancels an order whose slow charge is still open, and the provider keeps nothing', async () => {
    const shop = await openShop()
    const orderId = await shop.place(request({ token: 'tok_slow' }))
    await shop.clock.advance(1_000)
    const asking = shop.desk.cancel(orderId)
    await shop.clock.settle()
    expect(await asking).to.equal('asked')
    expect(await shop.settled(orderId)).to.equal('cancelled')
    const net = shop
      .moneyOf(orderId)
      .reduce((sum, { kind, amount }) => sum + (kind === 'charge' ? amount : -amount), 0)
    expect(net).to.equal(0)
    expect(await shop.books()).to.include({ onHand: 10, held: 0 })
  })

  it('lets other orders pass while a charge is slow', async () => {
    const shop = await openShop()
    const slow = await shop.place(request({ token: 'tok_slow' }))
    const quick = await shop.place(request())
    await shop.clock.runUntil(async () => (await shop.statusOf(quick)) === 'confirmed', { limitMs: 2_000 })
    expect(await shop.statusOf(slow)).to.equal('placed')
    expect(await shop.settled(slow)).to.equal('confirmed')
  })

  for (const token of ['tok_timeout', 'tok_flaky_3'])
    it(`[I1] charges once when the provider behaves like ${token}`, async () => {
      const shop = await openShop()
      const orderId = await shop.place(request({ token }))
      expect(await shop.settled(orderId)).to.equal('confirmed')
      expect(kinds(shop.moneyOf(orderId))).to.deep.equal(['charge'])
    })

  it('[I20] keeps every state equal to the fold of its events', async () => {
    const shop = await openShop({ instances: 2 })
    for (const wish of wishes) {
      const orderId = await shop.place(request(wish))
      await shop.settled(orderId)
      for (const [service, document] of await shop.documentsByService(orderId))
        expect(document.state, `${service.name} of ${orderId}`).to.deep.equal(
          fold(service, service.initial, document.events),
        )
    }
  })

  it('cancels an order by itself when its deadline passes', async () => {
    const shop = await openShop({ deadlineMs: 2_000 })
    const orderId = await shop.place(request({ token: 'tok_slow' }))
    expect(await shop.settled(orderId)).to.equal('cancelled')
    expect((await shop.desk.find(orderId))?.reason).to.equal('cancel-requested')
  })

  it('[I10] gives the same answer to the same key, and makes one order of it', async () => {
    const shop = await openShop()
    const first = await shop.place(request(), 'key-1')
    const second = await shop.place(request(), 'key-1')
    expect(second).to.equal(first)
    expect(await shop.desk.place('caller-1', request({ quantity: 3 }), 'key-1')).to.deep.equal({
      kind: 'key-reused',
    })
    expect(await shop.place(request(), 'key-2')).to.not.equal(first)
  })

  for (let seed = 1; seed <= 10; seed++)
    it(`[I3] [I4] keeps its books with two instances, a wiped cache and cut connections (seed ${seed})`, async () => {
      const shop = await openShop({ seed, instances: 2, units: 8 })
      const orders: OrderId[] = []
      for (const wish of wishes) orders.push(await shop.place(request(wish)))
      await shop.clock.advance(10 * seed)
      shop.broker.dropConnections()
      for (const cache of Object.values(shop.caches)) cache.wipe()
      for (const orderId of orders) {
        const status = await shop.settled(orderId)
        const expected = { confirmed: ['charge'], rejected: [], cancelled: ['charge', 'refund'] }
        expect({ [`${status}`]: kinds(shop.moneyOf(orderId)) }).to.deep.equal({
          [`${status}`]: expected[status as keyof typeof expected],
        })
      }
      const books = await shop.books()
      expect(books).to.include({ held: 0, initial: 8 })
      expect((books?.onHand ?? 0) + (books?.shipped ?? 0)).to.equal(8)
      expect(shop.deadLetters()).to.deep.equal([])
    })
})

const wishes = [
  {},
  { token: 'tok_decline' },
  { postalCode: 'XX0 0XX' },
  { token: 'tok_slow' },
  { quantity: 4 },
  {},
]
