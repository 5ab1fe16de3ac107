import { expect } from 'chai'
import { consume, hold, release } from '../../../../services/inventory/stock/holds.ts'
import type { StockStore } from '../../../../services/inventory/stock/store.ts'
import { seed } from '../../../../services/inventory/stock/supply.ts'
import { hasCode, SagaError } from '../../../../shared/runtime/errors.ts'
import { stockAdapters } from '../../../storage/adapters.ts'
import { newOrder } from '../../../support/events.ts'
import { ask, line, lotWriterOf, numbersOf, sku, supplied } from './stock.ts'

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

for (const { name, prepare, fresh } of stockAdapters)
  describe(`with ${name},`, function () {
    this.timeout(120_000)
    prepare()
    const stockOf = async (...units: number[]) => supplied(await fresh(), units)
    describe(`stock that is written lot by lot in ${name}`, () => {
      it('is never promised twice, however many want the last units from several processes', async () => {
        const store = await stockOf(9)
        const processes = [lotWriterOf(store), lotWriterOf(store), lotWriterOf(store)]
        const outcomes = await Promise.all(
          processes.flatMap(writer =>
            Array.from({ length: 10 }, () => hold(writer, ask(newOrder(), 1, line(0, 1)))),
          ),
        )
        expect(outcomes.filter(({ outcome }) => outcome === 'held')).to.have.length(9)
        expect(await numbersOf(store, 0)).to.include({ onHand: 0, held: 9 })
      })

      it('is read once and never again by who alone changes it, and written once for all orders of a moment', async () => {
        const store = await fresh()
        await seed(store, { sku: sku(0), units: 1_000_000 })
        const { counting, calls } = counted(store)
        const writer = lotWriterOf(counting)
        const orders = Array.from({ length: 500 }, newOrder)
        await Promise.all(orders.map(order => hold(writer, ask(order, 1, line(0, 1)))))
        expect(calls).to.deep.equal({ lots: 1, commit: 1 })
        await Promise.all(orders.map(order => consume(writer, ask(order, 1, line(0, 1)))))
        expect(calls).to.deep.equal({ lots: 1, commit: 2 })
        expect(await numbersOf(store, 0)).to.include({ held: 0, shipped: 500 })
      })

      it('in many lots of an older version is read once, and used up one lot after the other', async () => {
        const store = await stockOf(40)
        const { counting, calls } = counted(store)
        const writer = lotWriterOf(counting)
        for (let n = 0; n < 9; n++) await hold(writer, ask(newOrder(), 1, line(0, 1)))
        expect(calls).to.deep.equal({ lots: 1, commit: 9 })
        const used = (await store.lots(sku(0))).filter(({ held }) => held > 0)
        expect(used.map(({ held }) => held).sort()).to.deep.equal([1, 2, 2, 2, 2])
      })

      it('that another process has given back is found by who knew of none', async () => {
        const store = await stockOf(2)
        const [one, other] = [lotWriterOf(store), lotWriterOf(store)]
        const [first, second] = [0, 1].map(() => ask(newOrder(), 1, line(0, 2))) as [Ask, Ask]
        await hold(one, first)
        await release(other, first)
        expect(await hold(one, second)).to.deep.equal({ outcome: 'held' })
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
        const writer = lotWriterOf(broken)
        const [lost, held] = await Promise.allSettled(
          [0, 1].map(n => hold(writer, ask(newOrder(), 1, line(n, 1)))),
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
        const writer = lotWriterOf(broken)
        await hold(writer, ask(newOrder(), 1, line(0, 1))).catch(() => {})
        expect((await hold(writer, ask(newOrder(), 1, line(0, 2)))).outcome).to.equal('held')
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
    })
  })
