import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import fc from 'fast-check'
import type { StockLine } from '../../../../services/contract/fields.ts'
import type { OrderId } from '../../../../services/contract/ids.ts'
import { consume, hold, release, type StockRequest } from '../../../../services/inventory/stock/holds.ts'
import { type LotWriter, lotWriter } from '../../../../services/inventory/stock/lot-writer.ts'
import { memoryStockStore } from '../../../../services/inventory/stock/memory-store.ts'
import { type Lot, type StockStore, totalsOf } from '../../../../services/inventory/stock/store.ts'
import { sweepStock } from '../../../../services/inventory/stock/sweep.ts'
import { SagaError } from '../../../../shared/runtime/errors.ts'
import { orderNumber } from '../../../storage/documents.ts'
import { manualClock } from '../../../support/manual-clock.ts'
import { expectBalance, sku, supplied } from './stock.ts'

/** An order's document as inventory keeps it; every write of it is guarded by its version. */
type Doc = {
  version: number
  token: number
  status: 'new' | 'held' | 'rejected' | 'released' | 'consumed'
  lines: StockLine[]
}

/** Every call of the store waits here, before and after its effect, until it is its turn. */
const parking = () => {
  const parked: (() => void)[] = []
  const park = () => new Promise<void>(resolve => parked.push(resolve))
  // Kept aside: whoever asked for the write would take an error for a lost answer.
  const violations: unknown[] = []
  const note = (lots: readonly Lot[]) => {
    try {
      expectBalance(lots)
    } catch (violation) {
      violations.push(violation)
    }
  }
  const slowed = (store: StockStore, lost: () => boolean): StockStore => {
    const around = async <T>(effect: () => Promise<T>, mayBeLost: boolean): Promise<T> => {
      await park()
      const result = await effect()
      await park()
      if (mayBeLost && lost()) throw new SagaError('store-unavailable', 'the answer was lost')
      return result
    }
    return {
      lots: name => around(() => store.lots(name), false),
      lot: name => around(() => store.lot(name), false),
      held: name => around(() => store.held(name), false),
      commit: (lot, change) =>
        around(async () => {
          const outcome = await store.commit(lot, change)
          note(await store.lots(lot.sku))
          return outcome
        }, true),
      add: lot => around(() => store.add(lot), false),
      holding: page => around(() => store.holding(page), false),
    }
  }
  return { parked, park, slowed, violations }
}

const guardedBy = (document: Doc, version: number, change: Partial<Doc>): boolean => {
  if (document.version !== version) return false
  Object.assign(document, change, { version: version + 1 })
  return true
}

/**
 * One executor that handles "placed" as rule 4 of the protocol says, and may find at any step that another
 * was faster.
 */
const place = async (writer: LotWriter, orderId: OrderId, document: Doc, park: () => Promise<void>) => {
  for (let tries = 0; tries < 6; tries += 1) {
    await park()
    const seen = { ...document }
    if (seen.status !== 'new') return
    const token = seen.token + 1
    if (!guardedBy(document, seen.version, { token })) continue
    const attempt = { orderId, lines: seen.lines, token, at: 0 }
    const answer = await hold(writer, attempt).catch(() => undefined)
    if (!answer || answer.outcome === 'stale') continue
    await park()
    guardedBy(document, seen.version + 1, { status: answer.outcome === 'held' ? 'held' : 'rejected' })
  }
}

/**
 * One executor that gives back or sends out: it waits some time for a hold, and once it began it goes on
 * until it is done.
 */
const finish = async (
  writer: LotWriter,
  orderId: OrderId,
  document: Doc,
  park: () => Promise<void>,
  how: 'released' | 'consumed',
) => {
  for (let waits = 0; waits < 6; ) {
    await park()
    const { version, status, lines, token } = document
    if (status === 'new' && how === 'released' && guardedBy(document, version, { status: how })) return
    if (status !== 'held') waits += 1
    else if (await finished(writer, { orderId, lines, token }, how)) {
      await park()
      guardedBy(document, version, { status: how })
      return
    }
  }
}

const finished = (writer: LotWriter, request: StockRequest, how: 'released' | 'consumed'): Promise<boolean> =>
  (how === 'released' ? release : consume)(writer, request).then(
    () => true,
    () => false,
  )

type Actor = { does: 'place' | 'release' | 'consume' | 'sweep'; order: number; process: number }

const play = async (actors: readonly Actor[], lines: readonly StockLine[][], tape: readonly number[]) => {
  const store = await supplied(memoryStockStore(), [5, 3])
  const { parked, park, slowed, violations } = parking()
  let step = 0
  const draw = () => tape[step++ % tape.length] ?? 0
  const lost = () => draw() % 10 === 9
  const drawn = { int: (below: number) => draw() % below, id: () => '' }
  const processes = [0, 1].map(() => lotWriter(slowed(store, lost), drawn))
  const documents = lines.map((own): Doc => ({ version: 1, token: 0, status: 'new', lines: own }))
  const clock = manualClock()
  const orderOf = async (orderId: OrderId) => {
    await park()
    const document = documents[lines.findIndex((_, n) => orderNumber(n) === orderId)]
    return (
      document && { token: document.token, open: document.status === 'new' || document.status === 'held' }
    )
  }
  const sweep = (writer: LotWriter) =>
    sweepStock({ store: slowed(store, lost), lotWriter: writer, orderOf, olderThanMs: 0, clock }).catch(
      () => 0,
    )
  const act = ({ does, order, process }: Actor): Promise<unknown> => {
    const writer = processes[process % 2]
    const n = order % documents.length
    const document = documents[n]
    const orderId = orderNumber(n)
    if (!writer || !document) return Promise.resolve()
    if (does === 'sweep') return sweep(writer)
    if (does === 'place') return place(writer, orderId, document, park)
    // An order is either given back or sent out, as shipping decided, whoever does it.
    return finish(writer, orderId, document, park, n % 2 === 0 ? 'released' : 'consumed')
  }
  const run = async (work: Promise<unknown>) => {
    let over = false
    work.finally(() => (over = true))
    while (!over) {
      await turn()
      await turn()
      const [next] = parked.splice(draw() % Math.max(1, parked.length), 1)
      next?.()
    }
    await work
    expect(violations).to.deep.equal([])
  }
  await run(Promise.all(actors.map(act)))
  await run(sweepStock({ store, lotWriter: lotWriter(store, drawn), orderOf, olderThanMs: 0, clock }))
  expectBalance(store.all())
  return { lots: store.all(), documents }
}

const anyActor: fc.Arbitrary<Actor> = fc.record({
  does: fc.constantFrom('place' as const, 'place' as const, 'release' as const, 'sweep' as const),
  order: fc.nat(3),
  process: fc.nat(1),
})

const anyLines = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.nat(2))
  .map(([first, second]) =>
    [first, second].flatMap((quantity, n) => (quantity > 0 ? [{ sku: sku(n), quantity }] : [])),
  )

/** What an order holds, as lines. */
const heldBy = (lots: readonly Lot[], n: number): StockLine[] =>
  [0, 1].map(sku).flatMap(of => {
    const holds = lots.filter(lot => lot.sku === of).flatMap(lot => lot.holds[orderNumber(n)] ?? [])
    return holds.length > 0 ? [{ sku: of, quantity: unitsOf(holds) }] : []
  })

const unitsOf = (parts: readonly { quantity: number }[]) =>
  parts.reduce((sum, { quantity }) => sum + quantity, 0)

const expectSettled = ({ lots, documents }: Awaited<ReturnType<typeof play>>) => {
  for (const [n, { status, lines }] of documents.entries())
    if (status !== 'new') expect(heldBy(lots, n)).to.deep.equal(status === 'held' ? lines : [])
  const consumed = documents.filter(({ status }) => status === 'consumed').flatMap(({ lines }) => lines)
  expect(totalsOf(lots).shipped).to.equal(unitsOf(consumed))
}

describe('stock under any interleaving of two processes, lost answers and a sweep', () => {
  it('balances at every step, and in the end each order holds or shipped exactly its lines, or nothing', async function () {
    this.timeout(60_000)
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyActor, { minLength: 2, maxLength: 8 }),
        fc.array(anyLines, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(99), { minLength: 20, maxLength: 80 }),
        async (actors, lines, tape) => expectSettled(await play(actors, lines, tape)),
      ),
      { numRuns: 150, interruptAfterTimeLimit: 20_000 },
    )
  })
})
