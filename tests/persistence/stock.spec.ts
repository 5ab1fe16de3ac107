import { expect } from 'chai'
import { shelves as shelvesFor } from '../../services/inventory/shelves.ts'
import { consume, hold, release } from '../../services/inventory/stock.ts'
import { sweepStock } from '../../services/inventory/stock-sweep.ts'
import { seed } from '../../services/inventory/supply.ts'
import type { OrderId } from '../../shared/contract/ids.ts'
import type { StockStore } from '../../shared/persistence/stock.ts'
import { hasCode, SagaError } from '../../shared/runtime/errors.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { newOrder } from '../given/events.ts'
import { stockAdapters } from './adapters.ts'
import { orderNumber } from './given-documents.ts'
import { numbersOf, sku, supplied } from './given-stock.ts'

const shelves = (store: StockStore) => shelvesFor(store, systemRandom)

const line = (n: number, quantity: number) => ({ sku: sku(n), quantity })

const ask = (orderId: OrderId, token: number, ...lines: ReturnType<typeof line>[]) => ({
  orderId,
  token,
  lines,
  at: 1_000,
})

const holdsOf = async (store: StockStore, orderId: OrderId, n: number) =>
  (await store.lots(sku(n))).flatMap(({ holds }) => holds[orderId] ?? [])

for (const { name, prepare, fresh, many } of stockAdapters)
  describe(`with ${name},`, function () {
    this.timeout(120_000)
    prepare()
    const stockOf = async (...units: number[]) => supplied(await fresh(), units)
    describe(`stock in ${name}`, () => {
      it('is held over as many lots as it takes, and all of it can be held', async () => {
        const store = await stockOf(5)
        expect(await hold(shelves(store), ask(newOrder(), 1, line(0, 5)))).to.deep.equal({
          outcome: 'held',
        })
        expect(await numbersOf(store, 0)).to.include({ onHand: 0, held: 5 })
      })

      it('is held for all lines or for none, and the answer names the short one', async () => {
        const store = await stockOf(5, 2, 5)
        const outcome = await hold(shelves(store), ask(newOrder(), 1, line(2, 1), line(1, 3), line(0, 1)))
        expect(outcome).to.deep.equal({ outcome: 'short', shortOf: 'SKU-1' })
        for (const n of [0, 1, 2]) expect(await numbersOf(store, n)).to.include({ held: 0 })
      })

      it('of a SKU that is not kept is short', async () => {
        const outcome = await hold(shelves(await stockOf(1)), ask(newOrder(), 1, line(7, 1)))
        expect(outcome).to.deep.equal({ outcome: 'short', shortOf: 'SKU-7' })
      })

      it('that an older attempt holds is taken over under the new token, once', async () => {
        const store = await stockOf(4)
        const shelf = shelves(store)
        const order = newOrder()
        await hold(shelf, ask(order, 1, line(0, 3)))
        await hold(shelf, { ...ask(order, 2, line(0, 3)), at: 2_000 })
        await hold(shelf, { ...ask(order, 2, line(0, 3)), at: 3_000 })
        expect(await numbersOf(store, 0)).to.include({ onHand: 1, held: 3 })
        const holds = await holdsOf(store, order, 0)
        expect(holds.map(({ token, at }) => ({ token, at }))).to.deep.equal(
          holds.map(() => ({ token: 2, at: 2_000 })),
        )
      })

      it('that two older attempts hold in different lots comes to the quantity of the line', async () => {
        const store = await stockOf(6)
        const order = newOrder()
        const [first, second] = await store.lots(sku(0))
        if (!first || !second) throw new Error('two lots expected')
        const two = (token: number) => ({
          ...{ onHand: 0, held: 2, shipped: 0 },
          holds: { [order]: { quantity: 2, token, at: 0 } },
        })
        await store.commit(first, two(1))
        await store.commit(second, two(2))
        await hold(shelves(store), ask(order, 3, line(0, 3)))
        expect(await numbersOf(store, 0)).to.include({ onHand: 3, held: 3 })
        expect((await holdsOf(store, order, 0)).map(({ token }) => token)).to.deep.equal([3, 3])
      })

      it('that a newer attempt holds makes the older one stale, and stays as it is', async () => {
        const store = await stockOf(4)
        const order = newOrder()
        await hold(shelves(store), ask(order, 2, line(0, 1)))
        expect(await hold(shelves(store), ask(order, 1, line(0, 1)))).to.deep.equal({ outcome: 'stale' })
        expect((await holdsOf(store, order, 0)).map(({ token }) => token)).to.deep.equal([2])
      })

      it('is released under the same token or a newer one, not under an older one, and once', async () => {
        const store = await stockOf(4)
        const shelf = shelves(store)
        const order = newOrder()
        await hold(shelf, ask(order, 2, line(0, 3)))
        await release(shelf, ask(order, 1, line(0, 3)))
        expect(await numbersOf(store, 0)).to.include({ held: 3 })
        for (const token of [3, 3]) await release(shelf, ask(order, token, line(0, 3)))
        expect(await numbersOf(store, 0)).to.include({ held: 0, onHand: 4, shipped: 0 })
      })

      it('is consumed under the same token alone, in every lot, and once', async () => {
        const store = await stockOf(4)
        const shelf = shelves(store)
        const order = newOrder()
        await hold(shelf, ask(order, 2, line(0, 3)))
        for (const token of [1, 3]) await consume(shelf, ask(order, token, line(0, 3)))
        expect(await numbersOf(store, 0)).to.include({ held: 3, shipped: 0 })
        for (const token of [2, 2]) await consume(shelf, ask(order, token, line(0, 3)))
        expect(await numbersOf(store, 0)).to.include({ held: 0, onHand: 1, shipped: 3 })
      })

      it('is never promised twice, however many want the last units from several processes', async () => {
        const store = await stockOf(9)
        const processes = [shelves(store), shelves(store), shelves(store)]
        const outcomes = await Promise.all(
          processes.flatMap(shelf =>
            Array.from({ length: 10 }, () => hold(shelf, ask(newOrder(), 1, line(0, 1)))),
          ),
        )
        expect(outcomes.filter(({ outcome }) => outcome === 'held')).to.have.length(9)
        expect(await numbersOf(store, 0)).to.include({ onHand: 0, held: 9 })
      })

      it('shares one read and one write of a lot among the orders of one moment', async () => {
        const store = await fresh()
        await seed(store, { sku: sku(0), units: 1_000, lotSize: 1_000 })
        const calls = { lots: 0, commit: 0 }
        const counting: StockStore = {
          ...store,
          lots: name => {
            calls.lots += 1
            return store.lots(name)
          },
          commit: (lot, change) => {
            calls.commit += 1
            return store.commit(lot, change)
          },
        }
        const shelf = shelves(counting)
        await Promise.all(Array.from({ length: 500 }, () => hold(shelf, ask(newOrder(), 1, line(0, 1)))))
        expect(calls).to.deep.equal({ lots: 1, commit: 1 })
        expect(await numbersOf(store, 0)).to.include({ held: 500 })
      })

      it('that cannot be written for sure is said to be unknown, and others of the moment are not held back', async () => {
        const store = await stockOf(2, 2)
        const broken: StockStore = {
          ...store,
          commit: async (lot, change) => {
            if (lot.sku === sku(0)) throw new SagaError('store-unavailable', 'lost')
            return store.commit(lot, change)
          },
        }
        const shelf = shelves(broken)
        const [lost, held] = await Promise.allSettled(
          [0, 1].map(n => hold(shelf, ask(newOrder(), 1, line(n, 1)))),
        )
        expect(lost?.status === 'rejected' && hasCode(lost.reason, 'store-unavailable')).to.equal(true)
        expect(held).to.deep.equal({ status: 'fulfilled', value: { outcome: 'held' } })
      })

      it('that others always change first is given up as unavailable after a bounded number of attempts', async () => {
        const store = await stockOf(2)
        let commits = 0
        const contended: StockStore = {
          ...store,
          commit: async () => {
            commits += 1
            return 'conflict'
          },
        }
        const error = await hold(shelves(contended), ask(newOrder(), 1, line(0, 1))).catch(
          (thrown: unknown) => thrown,
        )
        expect(hasCode(error, 'store-unavailable')).to.equal(true)
        expect(commits).to.equal(30)
      })

      it(`holds ${many} open orders of one SKU`, async () => {
        const store = await fresh()
        await seed(store, { sku: sku(0), units: many, lotSize: 1_000 })
        const shelf = shelves(store)
        const orders = Array.from({ length: many + 1 }, (_, n) => orderNumber(n))
        const outcomes = await Promise.all(orders.map(order => hold(shelf, ask(order, 1, line(0, 1)))))
        expect(outcomes.filter(({ outcome }) => outcome === 'held')).to.have.length(many)
        expect(await numbersOf(store, 0)).to.include({ onHand: 0, held: many })
        const [first] = orders
        if (first) await release(shelf, ask(first, 1, line(0, 1)))
        expect(await numbersOf(store, 0)).to.include({ onHand: 1, held: many - 1 })
      })
    })

    describe(`the stock sweep in ${name}`, () => {
      const clock = { now: () => 10_000, after: () => () => {} }

      it('frees what no open order holds under the token of its document, and nothing else', async () => {
        const store = await stockOf(20)
        const shelf = shelves(store)
        const [open, closed, newer, unknown, young] = Array.from({ length: 5 }, newOrder) as [
          OrderId,
          OrderId,
          OrderId,
          OrderId,
          OrderId,
        ]
        const holders: Record<OrderId, { token: number; open: boolean }> = {
          [open]: { token: 1, open: true },
          [closed]: { token: 1, open: false },
          [newer]: { token: 2, open: true },
        }
        for (const order of [open, closed, newer, unknown]) await hold(shelf, ask(order, 1, line(0, 3)))
        await hold(shelf, { ...ask(young, 1, line(0, 3)), at: 9_500 })
        const orderOf = async (order: OrderId) => holders[order]
        await sweepStock({ store, shelves: shelf, orderOf, olderThanMs: 1_000, clock })
        const held = await Promise.all(
          [open, closed, newer, unknown, young].map(
            async order => (await holdsOf(store, order, 0)).length > 0,
          ),
        )
        expect(held).to.deep.equal([true, false, false, false, true])
        expect(await numbersOf(store, 0)).to.include({ held: 6 })
      })

      it('leaves alone what was raised after it was read', async () => {
        const store = await stockOf(4)
        const shelf = shelves(store)
        const order = newOrder()
        await hold(shelf, ask(order, 1, line(0, 3)))
        const orderOf = async () => {
          await hold(shelf, ask(order, 2, line(0, 3)))
          return { token: 2, open: true }
        }
        await sweepStock({ store, shelves: shelf, orderOf, olderThanMs: 0, clock })
        expect(await numbersOf(store, 0)).to.include({ held: 3 })
      })

      it('looks at every lot of a large stock', async () => {
        const store = await stockOf(100, 100)
        const shelf = shelves(store)
        await Promise.all(
          [0, 1].flatMap(n => Array.from({ length: 100 }, () => hold(shelf, ask(newOrder(), 1, line(n, 1))))),
        )
        await sweepStock({ store, shelves: shelf, orderOf: async () => undefined, olderThanMs: 0, clock })
        for (const n of [0, 1]) expect(await numbersOf(store, n)).to.include({ held: 0, onHand: 100 })
      })
    })

    describe(`the supply of stock in ${name}`, () => {
      it('is seeded once, in lots, by however many processes', async () => {
        const store = await fresh()
        await Promise.all([5, 5, 5].map(units => seed(store, { sku: sku(0), units, lotSize: 2 })))
        await seed(store, { sku: sku(0), units: 50, lotSize: 2 })
        expect((await store.lots(sku(0))).map(({ initial }) => initial)).to.deep.equal([2, 2, 1])
      })

      it('finishes a seed that was interrupted', async () => {
        const store = await fresh()
        let added = 0
        const interrupted: StockStore = {
          ...store,
          add: async lot => {
            if (++added > 1) throw new SagaError('store-unavailable', 'lost')
            return store.add(lot)
          },
        }
        await seed(interrupted, { sku: sku(0), units: 5, lotSize: 2 }).catch(() => {})
        await seed(store, { sku: sku(0), units: 5, lotSize: 2 })
        expect(await numbersOf(store, 0)).to.include({ initial: 5, onHand: 5 })
      })
    })
  })
