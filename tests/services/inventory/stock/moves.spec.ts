import { expect } from 'chai'
import { consume, hold, release } from '../../../../services/inventory/stock/holds.ts'
import { moveUnits } from '../../../../services/inventory/stock/moves.ts'
import { inTransit, type Lot, type StockStore, totalsOf } from '../../../../services/inventory/stock/store.ts'
import { seed } from '../../../../services/inventory/stock/supply.ts'
import { sweepStock } from '../../../../services/inventory/stock/sweep.ts'
import { hasCode, SagaError } from '../../../../shared/runtime/errors.ts'
import { stockAdapters } from '../../../storage/adapters.ts'
import { orderNumber } from '../../../storage/documents.ts'
import { deferred } from '../../../support/deferred.ts'
import { newOrder } from '../../../support/events.ts'
import { ask, expectBalance, line, lotWriterOf, numbersOf, sku } from './stock.ts'

/** Another process at the same store: every call first goes through `before`, and then through `after`. */
const watched = (store: StockStore, before: () => Promise<void>, after = async () => {}): StockStore =>
  Object.fromEntries(
    Object.entries(store).map(([name, call]) => [
      name,
      async (...args: unknown[]) => {
        await before()
        const answer = await (call as (...given: unknown[]) => Promise<unknown>)(...args)
        await after()
        return answer
      },
    ]),
  ) as StockStore

const lost = () => Promise.reject(new SagaError('store-unavailable', 'lost'))

for (const { name, prepare, fresh } of stockAdapters)
  describe(`with ${name}, a lot that is opened`, function () {
    this.timeout(60_000)
    prepare()

    const given = async (units = 10): Promise<{ store: StockStore; first: Lot }> => {
      const store = await fresh()
      await seed(store, { sku: sku(0), units })
      const first = await store.lot({ sku: sku(0), lot: 0 })
      if (!first) throw new Error('one lot expected')
      return { store, first }
    }
    const expectAllThere = async (store: StockStore) => {
      const lots = await store.lots(sku(0))
      expectBalance(lots)
      expect(totalsOf(lots)).to.include({ initial: 10, restocked: 0 })
    }
    const expectOver = async (store: StockStore) => {
      await expectAllThere(store)
      const lots = await store.lots(sku(0))
      expect(inTransit(lots), 'units on the move').to.deep.equal([])
      expect(
        lots.flatMap(({ moves, receipts }) => Object.keys({ ...moves, ...receipts })),
        'notes left',
      ).to.deep.equal([])
    }

    it('[I4] gets its units from another one, and no unit is lost or doubled', async () => {
      const { store, first } = await given()
      await moveUnits(store, { from: first, to: 1, units: 4 })
      expect((await store.lots(sku(0))).map(({ onHand }) => onHand)).to.deep.equal([6, 4])
      await expectOver(store)
    })

    it('gets nothing when the other one has changed since it was read', async () => {
      const { store, first } = await given()
      await hold(lotWriterOf(store), ask(newOrder(), 1, line(0, 1)))
      await moveUnits(store, { from: first, to: 1, units: 4 })
      expect((await store.lots(sku(0))).map(({ onHand }) => onHand)).to.deep.equal([9])
    })

    for (const when of ['before', 'after'] as const)
      it(`[I4] has all of it when the process ends ${when} any of its calls: whoever misses the units fetches them`, async () => {
        for (let calls = 0, whole = false; !whole; calls++) {
          const { store, first } = await given()
          let made = 0
          const ends = () => (++made > calls ? lost() : Promise.resolve())
          const cut = when === 'before' ? watched(store, ends) : watched(store, async () => {}, ends)
          const error = await moveUnits(cut, { from: first, to: 1, units: 4 }).catch(
            (thrown: unknown) => thrown,
          )
          whole = error === undefined
          if (!whole) expect(hasCode(error, 'store-unavailable')).to.equal(true)
          await expectAllThere(store)
          const { outcome } = await hold(lotWriterOf(store), ask(newOrder(), 1, line(0, 10)))
          expect(outcome, `after ${calls} calls`).to.equal('held')
          const orderOf = async () => ({ token: 1, open: true })
          const clock = { now: () => 2_000, monotonic: () => 2_000, after: () => () => {}, defer: () => {} }
          await sweepStock({ store, lotWriter: lotWriterOf(store), orderOf, olderThanMs: 0, clock })
          await expectOver(store)
        }
      })

    it('[I4] gets nothing twice when one stands still at any of its calls while another one does all of it', async () => {
      for (let stop = 1, whole = false; !whole; stop++) {
        const { store, first } = await given()
        const { promise: goOn, resolve } = deferred<void>()
        const stands = deferred<void>()
        let calls = 0
        const slow = watched(store, async () => {
          if (++calls !== stop) return
          stands.resolve()
          await goOn
        })
        const slowly = moveUnits(slow, { from: first, to: 1, units: 4 }).then(() => 'done')
        whole = (await Promise.race([stands.promise.then(() => 'stands'), slowly])) === 'done'
        const order = ask(newOrder(), 1, line(0, 10))
        expect((await hold(lotWriterOf(store), order)).outcome).to.equal('held')
        await release(lotWriterOf(store), order)
        resolve()
        await slowly
        await expectOver(store)
      }
    })

    it('is opened when the others are full of holds, and no lot holds much more than it has room for', async () => {
      const { store } = await given(1_000)
      const writer = lotWriterOf(store, { room: 10 })
      for (let n = 0; n < 200; n += 8) {
        const orders = Array.from({ length: 8 }, (_, i) => orderNumber(n + i))
        const outcomes = await Promise.all(orders.map(order => hold(writer, ask(order, 1, line(0, 1)))))
        expect(outcomes.every(({ outcome }) => outcome === 'held')).to.equal(true)
      }
      const lots = await store.lots(sku(0))
      expectBalance(lots)
      expect(Math.max(...lots.map(({ holds }) => Object.keys(holds).length))).to.be.at.most(18)
      expect(await numbersOf(store, 0)).to.include({ initial: 1_000, held: 200 })
    })

    it('gets none of what a write that failed would have left', async () => {
      const { store } = await given()
      let fails = true
      const commit: StockStore['commit'] = async (lot, change) => {
        if (!fails) return store.commit(lot, change)
        fails = false
        return lost()
      }
      const writer = lotWriterOf({ ...store, commit }, { room: 1 })
      await hold(writer, ask(newOrder(), 1, line(0, 2))).catch(() => {})
      for (const quantity of [1, 1]) await hold(writer, ask(newOrder(), 1, line(0, quantity)))
      expect(await numbersOf(store, 0)).to.include({ initial: 10, onHand: 8, held: 2 })
    })

    it('is not opened again while the lots that are there have room', async () => {
      const { store } = await given(1_000)
      const writer = lotWriterOf(store, { room: 10 })
      const fill = async () => {
        const orders = Array.from({ length: 40 }, newOrder)
        for (const order of orders) await hold(writer, ask(order, 1, line(0, 1)))
        await Promise.all(orders.map(order => consume(writer, ask(order, 1, line(0, 1)))))
        return (await store.lots(sku(0))).length
      }
      const before = await fill()
      for (let times = 0; times < 3; times++) expect(await fill()).to.equal(before)
    })

    it('lets nobody be short while two processes hold, send out and give back all there is', async () => {
      const { store } = await given()
      const processes = [1, 2].map(() => lotWriterOf(store, { room: 1 }))
      const buyer = async (n: number) => {
        for (let times = 0; times < 10; times++) {
          const order = ask(newOrder(), 1, line(0, 2))
          const [one, other] = n % 2 === 0 ? processes : processes.toReversed()
          if (!one || !other) throw new Error('two processes expected')
          expect((await hold(one, order)).outcome).to.equal('held')
          await release(other, order)
        }
      }
      await Promise.all([0, 1, 2, 3, 4].map(buyer))
      expect(await numbersOf(store, 0)).to.include({ initial: 10, onHand: 10, held: 0 })
    })
  })
