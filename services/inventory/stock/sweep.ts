import type { Clock } from '../../../shared/runtime/time/clock.ts'
import type { OrderId } from '../../contract/ids.ts'
import { releaseExactHold } from './lot-rules.ts'
import type { LotWriter } from './lot-writer.ts'
import { finishMove } from './moves.ts'
import { type Hold, type Lot, openMovesOf, type StockStore } from './store.ts'

/**
 * What a hold is judged by: the token in the order's document, and whether the order may still hold anything.
 */
export type Holder = { readonly token: number; readonly open: boolean }

export type StockSweep = {
  readonly store: StockStore
  readonly lotWriter: LotWriter
  /** Reads the order's document when it is called; undefined when there is none. */
  readonly orderOf: (orderId: OrderId) => Promise<Holder | undefined>
  /** Younger holds (ms) are left alone: their attempt is likely under way. */
  readonly olderThanMs: number
  readonly clock: Clock
}

const lotsAtOnce = 16

/**
 * Frees what attempts that lost their race or their process have left behind, and resolves to how many holds
 * that were. Brings the moves of units to their end that were left half-way.
 * @throws SagaError `store-unavailable`; sweep again later
 */
export const sweepStock = async (sweep: StockSweep): Promise<number> => {
  let freed = 0
  let page: { after?: Lot; limit: number } = { limit: lotsAtOnce }
  for (;;) {
    const lots = await sweep.store.holding(page)
    for (const lot of lots) freed += await sweepLot(sweep, lot)
    const after = lots.at(-1)
    if (!after || lots.length < lotsAtOnce) return freed
    page = { after, limit: lotsAtOnce }
  }
}

const sweepLot = async (sweep: StockSweep, lot: Lot): Promise<number> => {
  for (const move of openMovesOf(lot)) await finishMove(sweep.store, move)
  const now = sweep.clock.now()
  // A hold of the future is from before a clock was set back; the token shows whether it may go.
  const isOld = ({ at }: Hold) => at <= now - sweep.olderThanMs || at > now
  const old = (Object.entries(lot.holds) as [OrderId, Hold][]).filter(([, hold]) => isOld(hold))
  const freed = await Promise.all(old.map(([orderId, hold]) => free(sweep, lot, orderId, hold)))
  return freed.filter(Boolean).length
}

/**
 * The hold was read before the order's document, and is freed only under the token that was read: an attempt
 * that began since then has put a larger one on record first.
 */
const free = async ({ lotWriter, orderOf }: StockSweep, { sku }: Lot, orderId: OrderId, { token }: Hold) => {
  const holder = await orderOf(orderId)
  if (holder?.open && holder.token === token) return false
  await lotWriter.change(sku, orderId, releaseExactHold(token))
  return true
}
