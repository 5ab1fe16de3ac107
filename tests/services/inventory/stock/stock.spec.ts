import { expect } from 'chai'
import { consume, hold, release } from '../../../../services/inventory/stock/holds.ts'
import type { StockStore } from '../../../../services/inventory/stock/store.ts'
import { seed } from '../../../../services/inventory/stock/supply.ts'
import { hasCode, SagaError } from '../../../../shared/runtime/errors.ts'
import { stockAdapters } from '../../../storage/adapters.ts'
import { orderNumber } from '../../../storage/documents.ts'
import { newOrder } from '../../../support/events.ts'
import { ask, holdsOf, line, lotWriterOf, numbersOf, sku, supplied } from './stock.ts'

type Ask = ReturnType<typeof ask>

/** The store, and how often it was read and written. */
const counted = (store: StockStore) => {
  const calls: Record<string, number> = {}
  const counting = Object.fromEntries(
    Object.entries(store).map(([name, call]) => [
      name,
      (...args: unknown[]) => {
        calls[name] = (calls[name] ?? 0) + 1
        return (call as (...given: unknown[]) => unknown)(...args)
      },
    ]),
  ) as StockStore
  return { counting, calls }
}

for (const { name, prepare, fresh, many } of stockAdapters)
  describe(`with ${name},`, function () {
    this.timeout(120_000)
    prepare()
    const stockOf = async (...units: number[]) => supplied(await fresh(), units)
    describe(`stock in ${name}`, () => {
      it('is held over as many lots as it takes, and all of it can be held', async () => {
        const store = await stockOf(5)
        expect(await hold(lotWriterOf(store), ask(newOrder(), 1, line(0, 5)))).to.deep.equal({
          outcome: 'held',
        })
        expect(await numbersOf(store, 0)).to.include({ onHand: 0, held: 5 })
      })

      it('is held for all lines or for none, and the answer names the short one', async () => {
        const store = await stockOf(5, 2, 5)
        const outcome = await hold(lotWriterOf(store), ask(newOrder(), 1, line(2, 1), line(1, 3), line(0, 1)))
        expect(outcome).to.deep.equal({ outcome: 'short', shortOf: 'SKU-1' })
        for (const n of [0, 1, 2]) expect(await numbersOf(store, n)).to.include({ held: 0 })
      })

      it('of a SKU that is not kept is short', async () => {
        const outcome = await hold(lotWriterOf(await stockOf(1)), ask(newOrder(), 1, line(7, 1)))
        expect(outcome).to.deep.equal({ outcome: 'short', shortOf: 'SKU-7' })
      })

      it('that an older attempt holds is taken over under the new token, once', async () => {
        const store = await stockOf(4)
        const shelf = lotWriterOf(store)
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
        await hold(lotWriterOf(store), ask(order, 3, line(0, 3)))
        expect(await numbersOf(store, 0)).to.include({ onHand: 3, held: 3 })
        expect((await holdsOf(store, order, 0)).map(({ token }) => token)).to.deep.equal([3, 3])
      })

      it('that a newer attempt holds makes the older one stale, and stays as it is', async () => {
        const store = await stockOf(4)
        const order = newOrder()
        await hold(lotWriterOf(store), ask(order, 2, line(0, 1)))
        expect(await hold(lotWriterOf(store), ask(order, 1, line(0, 1)))).to.deep.equal({ outcome: 'stale' })
        expect((await holdsOf(store, order, 0)).map(({ token }) => token)).to.deep.equal([2])
      })

      it('is released under the same token or a newer one, not under an older one, and once', async () => {
        const store = await stockOf(4)
        const shelf = lotWriterOf(store)
        const order = newOrder()
        await hold(shelf, ask(order, 2, line(0, 3)))
        await release(shelf, ask(order, 1, line(0, 3)))
        expect(await numbersOf(store, 0)).to.include({ held: 3 })
        for (const token of [3, 3]) await release(shelf, ask(order, token, line(0, 3)))
        expect(await numbersOf(store, 0)).to.include({ held: 0, onHand: 4, shipped: 0 })
      })

      it('is consumed under the same token alone, in every lot, and once', async () => {
        const store = await stockOf(4)
        const shelf = lotWriterOf(store)
        const order = newOrder()
        await hold(shelf, ask(order, 2, line(0, 3)))
        for (const token of [1, 3]) await consume(shelf, ask(order, token, line(0, 3)))
        expect(await numbersOf(store, 0)).to.include({ held: 3, shipped: 0 })
        for (const token of [2, 2]) await consume(shelf, ask(order, token, line(0, 3)))
        expect(await numbersOf(store, 0)).to.include({ held: 0, onHand: 1, shipped: 3 })
      })

      it('is never promised twice, however many want the last units from several processes', async () => {
        const store = await stockOf(9)
        const processes = [lotWriterOf(store), lotWriterOf(store), lotWriterOf(store)]
        const outcomes = await Promise.all(
          processes.flatMap(shelf =>
            Array.from({ length: 10 }, () => hold(shelf, ask(newOrder(), 1, line(0, 1)))),
          ),
        )
        expect(outcomes.filter(({ outcome }) => outcome === 'held')).to.have.length(9)
        expect(await numbersOf(store, 0)).to.include({ onHand: 0, held: 9 })
      })

      it('is read once and never again by who alone changes it, and written once for all orders of a moment', async () => {
        const store = await fresh()
        await seed(store, { sku: sku(0), units: 1_000_000 })
        const { counting, calls } = counted(store)
        const shelf = lotWriterOf(counting)
        const orders = Array.from({ length: 500 }, newOrder)
        await Promise.all(orders.map(order => hold(shelf, ask(order, 1, line(0, 1)))))
        expect(calls).to.deep.equal({ lots: 1, commit: 1 })
        await Promise.all(orders.map(order => consume(shelf, ask(order, 1, line(0, 1)))))
        expect(calls).to.deep.equal({ lots: 1, commit: 2 })
        expect(await numbersOf(store, 0)).to.include({ held: 0, shipped: 500 })
      })

      it('in many lots of an older version is read once, and used up one lot after the other', async () => {
        const store = await stockOf(40)
        const { counting, calls } = counted(store)
        const shelf = lotWriterOf(counting)
        for (let n = 0; n < 9; n++) await hold(shelf, ask(newOrder(), 1, line(0, 1)))
        expect(calls).to.deep.equal({ lots: 1, commit: 9 })
        const used = (await store.lots(sku(0))).filter(({ held }) => held > 0)
        expect(used.map(({ held }) => held).sort()).to.deep.equal([1, 2, 2, 2, 2])
      })

      it('that one process holds is sent out or given back by another one, which has not seen it', async () => {
        const store = await stockOf(40)
        const [one, other] = [lotWriterOf(store), lotWriterOf(store)]
        const [kept, sent, back] = [0, 1, 2].map(() => ask(newOrder(), 1, line(0, 3))) as [Ask, Ask, Ask]
        await hold(other, kept)
        for (const attempt of [sent, back]) await hold(one, attempt)
        await consume(other, sent)
        await release(other, back)
        expect(await numbersOf(store, 0)).to.include({ onHand: 34, held: 3, shipped: 3 })
      })

      it('that another process has given back is found by who knew of none', async () => {
        const store = await stockOf(2)
        const [one, other] = [lotWriterOf(store), lotWriterOf(store)]
        const [first, second] = [0, 1].map(() => ask(newOrder(), 1, line(0, 2))) as [Ask, Ask]
        await hold(one, first)
        await release(other, first)
        expect(await hold(one, second)).to.deep.equal({ outcome: 'held' })
      })

      it('that is plenty is held for all lines in one step, and what is scarce in order of SKU', async () => {
        const store = await fresh()
        for (const n of [0, 1, 2]) await seed(store, { sku: sku(n), units: n === 1 ? 5 : 5_000 })
        const written: string[][] = []
        const noting: StockStore = {
          ...store,
          commit: async (lot, change) => {
            written.at(-1)?.push(lot.sku)
            return store.commit(lot, change)
          },
        }
        const shelf = lotWriterOf(noting)
        const change: typeof shelf.change = async (of, order, rule) => {
          written.push([of])
          return shelf.change(of, order, rule)
        }
        await hold({ ...shelf, change }, ask(newOrder(), 1, line(2, 1), line(1, 1), line(0, 1)))
        expect(written.map(([first]) => first)).to.deep.equal(['SKU-1', 'SKU-2', 'SKU-0', 'SKU-1'])
        for (const n of [0, 1, 2]) expect(await numbersOf(store, n)).to.include({ held: 1 })
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
        const shelf = lotWriterOf(broken)
        const [lost, held] = await Promise.allSettled(
          [0, 1].map(n => hold(shelf, ask(newOrder(), 1, line(n, 1)))),
        )
        expect(lost?.status === 'rejected' && hasCode(lost.reason, 'store-unavailable')).to.equal(true)
        expect(held).to.deep.equal({ status: 'fulfilled', value: { outcome: 'held' } })
      })

      it('that was not written is not remembered as if it was', async () => {
        const store = await stockOf(2)
        let fails = true
        const broken: StockStore = {
          ...store,
          commit: async (lot, change) => {
            if (!fails) return store.commit(lot, change)
            fails = false
            throw new SagaError('store-unavailable', 'lost')
          },
        }
        const shelf = lotWriterOf(broken)
        await hold(shelf, ask(newOrder(), 1, line(0, 1))).catch(() => {})
        expect((await hold(shelf, ask(newOrder(), 1, line(0, 2)))).outcome).to.equal('held')
        expect(await numbersOf(store, 0)).to.include({ onHand: 0, held: 2 })
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
        const error = await hold(lotWriterOf(contended), ask(newOrder(), 1, line(0, 1))).catch(
          (thrown: unknown) => thrown,
        )
        expect(hasCode(error, 'store-unavailable')).to.equal(true)
        expect(commits).to.equal(30)
      })

      it(`holds ${many} open orders of one SKU`, async () => {
        const store = await fresh()
        await seed(store, { sku: sku(0), units: many })
        const shelf = lotWriterOf(store)
        const orders = Array.from({ length: many + 1 }, (_, n) => orderNumber(n))
        const outcomes = await Promise.all(orders.map(order => hold(shelf, ask(order, 1, line(0, 1)))))
        expect(outcomes.filter(({ outcome }) => outcome === 'held')).to.have.length(many)
        expect(await numbersOf(store, 0)).to.include({ onHand: 0, held: many })
        const [first] = orders
        if (first) await release(shelf, ask(first, 1, line(0, 1)))
        expect(await numbersOf(store, 0)).to.include({ onHand: 1, held: many - 1 })
      })
    })
  })
