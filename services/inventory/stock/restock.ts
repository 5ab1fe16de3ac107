import { SagaError } from '../../../shared/runtime/errors.ts'
import type { Sku } from '../../contract/ids.ts'
import type { LotWriter } from './lot-writer.ts'
import type { Restock, RestockStore } from './restock-store.ts'
import type { Lot, LotChange, StockStore } from './store.ts'
import { emptyLot } from './supply.ts'

/**
 * Where the stock and what was asked of it are kept; `alone` keeps the orders of this process away, which
 * would always be faster.
 */
export type RestockContext = {
  readonly stock: StockStore
  readonly restocks: RestockStore
  readonly alone: LotWriter['alone']
}

/** Units of one SKU to be added. `id` is the same for the same wish; `at` in ms. */
export type RestockRequest = {
  readonly id: string
  readonly sku: Sku
  readonly units: number
  readonly at: number
}

const rounds = 30

/**
 * Adds units to the stock, counted as restocked, exactly once for each id: however often it is asked for, by
 * however many, and wherever an earlier attempt was interrupted. `key-reused` when the id stands for another
 * SKU or number of units.
 * @throws SagaError `store-unavailable`: ask again with the same id, or leave it to `resumeRestocks`
 */
export const restock = async (
  supply: RestockContext,
  wish: RestockRequest,
): Promise<'added' | 'unknown-sku' | 'key-reused'> => {
  if (!(await supply.stock.lot({ sku: wish.sku, lot: 0 }))) return 'unknown-sku'
  // Units only move to larger numbers, so that none has to be made for those that come in first.
  const parts = [{ lot: 0, units: wish.units }]
  const onRecord = await supply.restocks.begin({ ...wish, parts, status: 'open' })
  if (onRecord.sku !== wish.sku || onRecord.units !== wish.units) return 'key-reused'
  if (onRecord.status !== 'done') await carryOut(supply, onRecord)
  return 'added'
}

/**
 * Finishes what was asked for before `at` (ms) and was interrupted; resolves with how many that were. One
 * that cannot be finished now holds up no other. @throws SagaError `store-unavailable`, once all were tried
 */
export const resumeRestocks = async (supply: RestockContext, at: number): Promise<number> => {
  const open = await supply.restocks.unfinished(at, 100)
  const failures: unknown[] = []
  for (const each of open) await carryOut(supply, each).catch(error => failures.push(error))
  if (failures.length > 0) throw failures[0]
  return open.length
}

const carryOut = (supply: RestockContext, restock: Restock): Promise<void> =>
  supply.alone(restock.sku, async () => {
    await untilNothingIsLeft(restock, () => addMissing(supply, restock))
    await supply.restocks.advance(restock.id, 'added')
    await untilNothingIsLeft(restock, () => forget(supply, restock))
    await supply.restocks.advance(restock.id, 'done')
  })

const untilNothingIsLeft = async ({ id }: Restock, round: () => Promise<number>): Promise<void> => {
  for (let n = 0; n < rounds; n++) if ((await round()) === 0) return
  throw new SagaError('store-unavailable', `others changed the stock faster than restock ${id} could`)
}

/**
 * Adds the parts that no lot has a note of, and resolves with how many may be missing still. The lots are
 * read before the record: notes go only after it was `added`, so what was open then and has no note was not
 * added to the lot in this version by anybody.
 */
const addMissing = async (
  { stock, restocks }: RestockContext,
  { id, sku, parts }: Restock,
): Promise<number> => {
  const lots = await lotsOf(stock, sku, parts)
  if ((await restocks.find(id))?.status !== 'open') return 0
  const missing = parts.filter(({ lot }) => lots.get(lot)?.restocks?.[id] === undefined)
  const adding = missing.map(({ lot: number, units }) => {
    const lot = lots.get(number)
    if (lot) return stock.commit(lot, withMore(lot, units, id))
    const restocked = { restocked: units, onHand: units, restocks: { [id]: units } }
    return stock.add({ ...emptyLot({ sku, lot: number }), ...restocked })
  })
  return (await Promise.all(adding)).filter(outcome => outcome === 'conflict').length
}

/** The lots of a restock that are there, by number. */
const lotsOf = async (stock: StockStore, sku: Sku, parts: Restock['parts']): Promise<Map<number, Lot>> => {
  const lots = await Promise.all(parts.map(({ lot }) => stock.lot({ sku, lot })))
  return new Map(lots.flatMap(lot => (lot ? [[lot.lot, lot] as const] : [])))
}

const withMore = ({ restocked, onHand, held, shipped }: Lot, units: number, id: string): LotChange => ({
  restocked: restocked + units,
  onHand: onHand + units,
  ...{ held, shipped, holds: {}, restocks: { [id]: units } },
})

/** Takes the notes of a restock that is in its lots away, so that they do not pile up. */
const forget = async ({ stock }: RestockContext, { id, sku, parts }: Restock): Promise<number> => {
  const lots = await lotsOf(stock, sku, parts)
  const noted = [...lots.values()].filter(({ restocks }) => restocks?.[id] !== undefined)
  const forgetting = noted.map(lot => {
    const { onHand, held, shipped } = lot
    return stock.commit(lot, { onHand, held, shipped, holds: {}, restocks: { [id]: null } })
  })
  return (await Promise.all(forgetting)).filter(outcome => outcome === 'conflict').length
}
