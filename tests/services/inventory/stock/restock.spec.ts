import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { hold, release } from '../../../../services/inventory/stock/holds.ts'
import { type RestockContext, restock, resumeRestocks } from '../../../../services/inventory/stock/restock.ts'
import type { StockStore } from '../../../../services/inventory/stock/store.ts'
import { hasCode, SagaError } from '../../../../shared/runtime/errors.ts'
import { supplyAdapters } from '../../../storage/adapters.ts'
import { deferred } from '../../../support/deferred.ts'
import { newOrder } from '../../../support/events.ts'
import { ask, expectBalance, line, lotWriterOf, numbersOf, sku, supplied } from './stock.ts'

const wish = { id: 'rst_1', sku: sku(0), units: 5, at: 1_000 }

/**
 * Another process at the same supply: the store, of which every call first goes through `before`, and then
 * through `after`.
 */
const watched = (
  { stock, restocks }: RestockContext,
  before: () => Promise<void>,
  after = async () => {},
): RestockContext => {
  const through = <T extends object>(port: T): T =>
    Object.fromEntries(
      Object.entries(port).map(([name, call]) => [
        name,
        async (...args: unknown[]) => {
          await before()
          const answer = await call(...args)
          await after()
          return answer
        },
      ]),
    ) as T
  return { stock: through(stock), restocks: through(restocks), alone: (_, work) => work() }
}

const lost = () => Promise.reject(new SagaError('store-unavailable', 'lost'))

for (const { name, prepare, fresh } of supplyAdapters)
  describe(`with ${name}, a restock`, function () {
    this.timeout(60_000)
    prepare()

    const given = async (units = 3): Promise<RestockContext> => {
      const supply = await fresh()
      await supplied(supply.stock, [units])
      return supply
    }
    const expectAdded = async ({ stock, restocks }: RestockContext, added: number) => {
      expect(await numbersOf(stock, 0)).to.include({ initial: 3, restocked: added, onHand: 3 + added })
      const lots = await stock.lots(sku(0))
      expectBalance(lots)
      expect(
        lots.flatMap(lot => Object.keys(lot.restocks ?? {})),
        'notes left',
      ).to.deep.equal([])
      expect(await restocks.unfinished(Number.MAX_SAFE_INTEGER, 10)).to.deep.equal([])
    }

    it('[I4] adds its units once, however often and by however many it is asked for at once', async () => {
      const supply = await given()
      const answers = await Promise.all(Array.from({ length: 8 }, () => restock(supply, wish)))
      answers.push(await restock(supply, wish))
      expect(new Set(answers)).to.deep.equal(new Set(['added']))
      await expectAdded(supply, 5)
    })

    it('makes no lot of its own', async () => {
      const supply = await given()
      await restock(supply, wish)
      expect((await supply.stock.lots(sku(0))).map(({ onHand }) => onHand)).to.deep.equal([7, 1])
    })

    it('that an older version has begun goes where it was planned to, also to a lot that is not there', async () => {
      const supply = await given()
      const parts = [
        { lot: 1, units: 1 },
        { lot: 2, units: 2 },
      ]
      const { id, at } = wish
      await supply.restocks.begin({ id, sku: sku(0), units: 3, at, parts, status: 'open' })
      expect(await resumeRestocks(supply, at + 1)).to.equal(1)
      expect((await supply.stock.lots(sku(0))).map(({ onHand }) => onHand)).to.deep.equal([2, 2, 2])
      await expectAdded(supply, 3)
    })

    it('comes between the orders of its process, however busy they are with the SKU', async () => {
      const supply = await fresh()
      await supplied(supply.stock, [2])
      const conflicts: string[] = []
      const stock: StockStore = {
        ...supply.stock,
        lot: of => turn().then(() => supply.stock.lot(of)),
        commit: async (lot, change) => {
          await turn()
          const outcome = await supply.stock.commit(lot, change)
          if (outcome === 'conflict') conflicts.push(Object.keys(change).join())
          return outcome
        },
      }
      const writer = lotWriterOf(stock)
      let busy = true
      const buyer = async () => {
        while (busy) {
          const order = ask(newOrder(), 1, line(0, 1))
          await hold(writer, order)
          await release(writer, order)
        }
      }
      const buying = [buyer(), buyer()]
      for (const n of [1, 2, 3, 4, 5])
        await restock({ ...supply, stock, alone: writer.alone }, { ...wish, id: `rst_${n}`, units: 1 })
      busy = false
      await Promise.all(buying)
      expect(conflicts).to.deep.equal([])
      expect(await numbersOf(supply.stock, 0)).to.include({ initial: 2, restocked: 5, onHand: 7 })
    })

    it('adds to those of others, each unit once', async () => {
      const supply = await given()
      const several = [1, 2, 3].map(units => restock(supply, { ...wish, id: `rst_${units}`, units }))
      await Promise.all(several)
      await expectAdded(supply, 6)
    })

    it('says when its id stands for something else, and adds nothing', async () => {
      const supply = await given()
      await restock(supply, wish)
      expect(await restock(supply, { ...wish, units: 6 })).to.equal('key-reused')
      await supplied(supply.stock, [3, 3])
      expect(await restock(supply, { ...wish, sku: sku(1) })).to.equal('key-reused')
      await expectAdded(supply, 5)
    })

    it('says when the SKU is not kept, and leaves nothing behind', async () => {
      const supply = await given()
      expect(await restock(supply, { ...wish, sku: sku(9) })).to.equal('unknown-sku')
      expect(await supply.stock.lots(sku(9))).to.deep.equal([])
      await expectAdded(supply, 0)
    })

    /**
     * Asked for with every call after the first ones lost, before or after it was done. True when it went
     * through.
     */
    const interrupted = async (supply: RestockContext, calls: number, when: 'before' | 'after') => {
      let made = 0
      const fails = () => (++made > calls ? lost() : Promise.resolve())
      const cut = when === 'before' ? watched(supply, fails) : watched(supply, async () => {}, fails)
      const outcome = await restock(cut, wish).catch((error: unknown) => error)
      if (outcome !== 'added') expect(hasCode(outcome, 'store-unavailable')).to.equal(true)
      return outcome === 'added'
    }

    for (const when of ['before', 'after'] as const)
      it(`[I4] that is interrupted ${when} any of its calls is finished by the next one, or by whoever looks`, async () => {
        for (let calls = 1, whole = false; !whole; calls++) {
          const supply = await given()
          whole = await interrupted(supply, calls, when)
          if ((await resumeRestocks(supply, wish.at + 1)) === 0) await restock(supply, wish)
          await expectAdded(supply, 5)
        }
      })

    it('is finished although another one cannot be now', async () => {
      const supply = await given()
      await supplied(supply.stock, [3, 3])
      for (const n of [0, 1]) {
        const parts = [{ lot: 0, units: 5 }]
        await supply.restocks.begin({ id: `rst_${n}`, sku: sku(n), units: 5, at: n, parts, status: 'open' })
      }
      const { stock } = supply
      const contended: RestockContext = {
        ...supply,
        stock: {
          ...stock,
          commit: async (lot, change) => (lot.sku === sku(0) ? 'conflict' : stock.commit(lot, change)),
        },
      }
      const outcome = await resumeRestocks(contended, wish.at).catch((error: unknown) => error)
      expect(hasCode(outcome, 'store-unavailable')).to.equal(true)
      expect(await numbersOf(stock, 1)).to.include({ restocked: 5, onHand: 8 })
      expect(await resumeRestocks(supply, wish.at)).to.equal(1)
      expect(await numbersOf(stock, 0)).to.include({ restocked: 5, onHand: 8 })
    })

    it('[I4] that stands still at any of its calls while another one does all of it adds nothing again', async () => {
      for (let stop = 1, whole = false; !whole; stop++) {
        const supply = await given()
        const { promise: goOn, resolve } = deferred<void>()
        const stands = deferred<void>()
        let calls = 0
        const slow = watched(supply, async () => {
          if (++calls !== stop) return
          stands.resolve()
          await goOn
        })
        const slowly = restock(slow, wish)
        whole = (await Promise.race([stands.promise.then(() => 'stands'), slowly])) === 'added'
        await restock(supply, wish)
        await supply.stock.lots(sku(0))
        resolve()
        expect(await slowly).to.equal('added')
        await expectAdded(supply, 5)
      }
    })
  })
