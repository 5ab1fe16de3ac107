import { expect } from 'chai'
import { consume, hold, release } from '../../../../services/inventory/stock/holds.ts'
import type { StockStore } from '../../../../services/inventory/stock/store.ts'
import { seed } from '../../../../services/inventory/stock/supply.ts'
import { stockAdapters } from '../../../storage/adapters.ts'
import { orderNumber } from '../../../storage/documents.ts'
import { newOrder } from '../../../support/events.ts'
import { ask, holdsOf, line, lotWriterOf, numbersOf, sku, supplied } from './stock.ts'

type Ask = ReturnType<typeof ask>

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
        const writer = lotWriterOf(store)
        const order = newOrder()
        await hold(writer, ask(order, 1, line(0, 3)))
        await hold(writer, { ...ask(order, 2, line(0, 3)), at: 2_000 })
        await hold(writer, { ...ask(order, 2, line(0, 3)), at: 3_000 })
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
        const writer = lotWriterOf(store)
        const order = newOrder()
        await hold(writer, ask(order, 2, line(0, 3)))
        await release(writer, ask(order, 1, line(0, 3)))
        expect(await numbersOf(store, 0)).to.include({ held: 3 })
        for (const token of [3, 3]) await release(writer, ask(order, token, line(0, 3)))
        expect(await numbersOf(store, 0)).to.include({ held: 0, onHand: 4, shipped: 0 })
      })

      it('is consumed under the same token alone, in every lot, and once', async () => {
        const store = await stockOf(4)
        const writer = lotWriterOf(store)
        const order = newOrder()
        await hold(writer, ask(order, 2, line(0, 3)))
        for (const token of [1, 3]) await consume(writer, ask(order, token, line(0, 3)))
        expect(await numbersOf(store, 0)).to.include({ held: 3, shipped: 0 })
        for (const token of [2, 2]) await consume(writer, ask(order, token, line(0, 3)))
        expect(await numbersOf(store, 0)).to.include({ held: 0, onHand: 1, shipped: 3 })
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
        const writer = lotWriterOf(noting)
        const change: typeof writer.change = async (of, order, rule) => {
          written.push([of])
          return writer.change(of, order, rule)
        }
        await hold({ ...writer, change }, ask(newOrder(), 1, line(2, 1), line(1, 1), line(0, 1)))
        expect(written.map(([first]) => first)).to.deep.equal(['SKU-1', 'SKU-2', 'SKU-0', 'SKU-1'])
        for (const n of [0, 1, 2]) expect(await numbersOf(store, n)).to.include({ held: 1 })
      })

      it(`holds ${many} open orders of one SKU`, async () => {
        const store = await fresh()
        await seed(store, { sku: sku(0), units: many })
        const writer = lotWriterOf(store)
        const orders = Array.from({ length: many + 1 }, (_, n) => orderNumber(n))
        const outcomes = await Promise.all(orders.map(order => hold(writer, ask(order, 1, line(0, 1)))))
        expect(outcomes.filter(({ outcome }) => outcome === 'held')).to.have.length(many)
        expect(await numbersOf(store, 0)).to.include({ onHand: 0, held: many })
        const [first] = orders
        if (first) await release(writer, ask(first, 1, line(0, 1)))
        expect(await numbersOf(store, 0)).to.include({ onHand: 1, held: many - 1 })
      })
    })
  })
