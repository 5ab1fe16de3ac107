import { expect } from 'chai'
import type { OrderId } from '../../../../services/contract/ids.ts'
import { hold } from '../../../../services/inventory/stock/holds.ts'
import { emptyLot, seed } from '../../../../services/inventory/stock/supply.ts'
import { sweepStock } from '../../../../services/inventory/stock/sweep.ts'
import { stockAdapters } from '../../../storage/adapters.ts'
import { newOrder } from '../../../support/events.ts'
import { manualClock } from '../../../support/manual-clock.ts'
import { ask, holdsOf, line, lotWriterOf, numbersOf, sku, supplied } from './stock.ts'

for (const { name, prepare, fresh } of stockAdapters)
  describe(`with ${name},`, function () {
    this.timeout(120_000)
    prepare()
    const stockOf = async (...units: number[]) => supplied(await fresh(), units)
    describe(`the stock sweep in ${name}`, () => {
      const clock = manualClock(10_000)

      it('frees what no open order holds under the token of its document, and nothing else', async () => {
        const store = await stockOf(20)
        const writer = lotWriterOf(store)
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
        for (const order of [open, closed, newer, unknown]) await hold(writer, ask(order, 1, line(0, 3)))
        await hold(writer, { ...ask(young, 1, line(0, 3)), at: 9_500 })
        const orderOf = async (order: OrderId) => holders[order]
        await sweepStock({ store, lotWriter: writer, orderOf, olderThanMs: 1_000, clock })
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
        const writer = lotWriterOf(store)
        const order = newOrder()
        await hold(writer, ask(order, 1, line(0, 3)))
        const orderOf = async () => {
          await hold(writer, ask(order, 2, line(0, 3)))
          return { token: 2, open: true }
        }
        await sweepStock({ store, lotWriter: writer, orderOf, olderThanMs: 0, clock })
        expect(await numbersOf(store, 0)).to.include({ held: 3 })
      })

      it('looks at every lot of a large stock', async () => {
        const store = await stockOf(100, 100)
        const writer = lotWriterOf(store)
        await Promise.all(
          [0, 1].flatMap(n =>
            Array.from({ length: 100 }, () => hold(writer, ask(newOrder(), 1, line(n, 1)))),
          ),
        )
        await sweepStock({ store, lotWriter: writer, orderOf: async () => undefined, olderThanMs: 0, clock })
        for (const n of [0, 1]) expect(await numbersOf(store, n)).to.include({ held: 0, onHand: 100 })
      })
    })

    describe(`the supply of stock in ${name}`, () => {
      it('is seeded once, in one lot, by however many processes', async () => {
        const store = await fresh()
        await Promise.all([5, 5, 5].map(units => seed(store, { sku: sku(0), units })))
        await seed(store, { sku: sku(0), units: 50 })
        expect((await store.lots(sku(0))).map(({ initial }) => initial)).to.deep.equal([5])
      })

      it('finishes a seed that an older version was interrupted in', async () => {
        const store = await fresh()
        const lot = (number: number) => ({ ...emptyLot({ sku: sku(0), lot: number }), initial: 2, onHand: 2 })
        for (const number of [1, 2]) await store.add(lot(number))
        await seed(store, { sku: sku(0), units: 5 })
        expect(await numbersOf(store, 0)).to.include({ initial: 5, onHand: 5 })
      })
    })
  })
