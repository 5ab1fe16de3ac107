import { SagaError } from '../../../shared/runtime/errors.ts'
import {
  type Lot,
  type LotName,
  lotKey,
  type Move,
  type MoveId,
  type OpenMove,
  type StockStore,
} from './store.ts'
import { emptyLot } from './supply.ts'

/** Units of a lot that are to go to another one with a larger number; it is made when it is not there. */
export type Transfer = {
  readonly from: Omit<Lot, 'holds'>
  readonly to: number
  readonly units: number
}

const rounds = 30

/**
 * Moves units, each exactly once, or not at all when the lot has changed since it was read.
 * @throws SagaError `store-unavailable`: what has begun is finished by whoever misses the units
 */
export const moveUnits = async (store: StockStore, { from, to, units }: Transfer): Promise<void> => {
  const { sku, lot, onHand, held, shipped } = from
  const initial = Math.min(units, from.initial)
  const move = { to, initial, restocked: units - initial }
  const id: MoveId = `${lot}v${from.version}`
  const begun = await store.commit(from, {
    ...{ initial: from.initial - move.initial, restocked: from.restocked - move.restocked },
    ...{ onHand: onHand - units, held, shipped, holds: {}, moves: { [id]: move } },
  })
  if (begun === 'committed') await finishMove(store, { sku, lot, id, to })
}

/**
 * Brings a move to its end, wherever it was left: the units go in with a receipt, then the note of the move
 * goes, then the receipt. May be done by several at once. @throws SagaError `store-unavailable`
 */
export const finishMove = async (store: StockStore, open: OpenMove): Promise<void> => {
  for (let n = 0; n < rounds; n++) if (await isOver(store, open)) return
  throw new SagaError('store-unavailable', `others changed ${lotKey(open)} faster than a move could`)
}

/**
 * One step on, or true when there is none left. The lot that receives is read before the other one: a receipt
 * goes only after the note of the move, so when the note is there later, a missing receipt says that nobody
 * had put the units in; should somebody do so in between, the guard refuses the write. And a receipt goes
 * only when the note is known to be gone.
 */
const isOver = async (store: StockStore, { sku, lot, id, to }: OpenMove): Promise<boolean> => {
  const target = await store.lot({ sku, lot: to })
  const source = await store.lot({ sku, lot })
  const note = source?.moves?.[id]
  const received = target?.receipts?.[id] !== undefined
  if (note && !received) await putIn(store, target ?? { sku, lot: to }, note, { [id]: lot })
  else if (source && note) await store.commit(source, { ...numbersOf(source), moves: { [id]: null } })
  else if (target && received) await store.commit(target, { ...numbersOf(target), receipts: { [id]: null } })
  return !note && !received
}

const putIn = (
  store: StockStore,
  target: Lot | LotName,
  { initial, restocked }: Move,
  receipts: Lot['receipts'] & object,
) => {
  const before = 'version' in target ? target : emptyLot(target)
  const more = {
    initial: before.initial + initial,
    restocked: before.restocked + restocked,
    onHand: before.onHand + initial + restocked,
    receipts,
  }
  return before === target
    ? store.commit(before, { ...numbersOf(before), ...more })
    : store.add({ ...before, ...more })
}

const numbersOf = ({ onHand, held, shipped }: Lot) => ({ onHand, held, shipped, holds: {} })
