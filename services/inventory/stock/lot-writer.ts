import { coalesced, type Defer } from '../../../shared/runtime/coalesce.ts'
import { hasCode, SagaError } from '../../../shared/runtime/errors.ts'
import type { Random } from '../../../shared/runtime/random.ts'
import type { OrderId, Sku } from '../../contract/ids.ts'
import {
  applyHoldChange,
  changeOf,
  emptyLotCache,
  isNew,
  type KnownLot,
  type LotCache,
  reliefMove,
  remember,
  stockViewOf,
} from './lot-cache.ts'
import type { LotRule, LotRuleResult, ReadDepth } from './lot-rules.ts'
import { finishMove, moveUnits } from './moves.ts'
import { inTransit, type StockStore } from './store.ts'

/** The stock as its rules change it: one order and one SKU at a time, however many are at it. */
export type LotWriter = {
  /**
   * Asks the rule what is to change, and changes it, each lot in one atomic write; when another process was
   * faster the rule is asked again about what is there then. @throws SagaError `store-unavailable` when
   * nobody knows what was done, or others were faster every time
   */
  change<Outcome>(sku: Sku, orderId: OrderId, rule: LotRule<Outcome>): Promise<Outcome>
  /** Does this while no order of this process is at the SKU, for what changes its lots in other ways. */
  alone<Outcome>(sku: Sku, work: () => Promise<Outcome>): Promise<Outcome>
}

type OfOrder = { readonly orderId: OrderId; readonly rule: LotRule<unknown>; readonly depth: ReadDepth }
type Task = OfOrder | { readonly work: () => Promise<unknown> }
/** `again`: another process was faster. `look`: so much has to be seen. */
type Answer =
  | { readonly outcome: unknown }
  | { readonly error: unknown }
  | { readonly look: ReadDepth }
  | 'retry'

export type LotWriterOptions = {
  /** From how many open holds on another lot is used, and made when there is none. */
  readonly room?: number
  readonly defer?: Defer
}

/** How many orders share a write, and how often one tries before it leaves the field to others. */
const batchLimits = { limit: 2_000, inFlight: 1 }
const attempts = 30
const movesAtOnce = 4

/**
 * A hold takes about 85 bytes: a full lot is far from the 16 MB of a document, and cheap to write as a whole.
 */
const usualRoom = 1_000

/**
 * What was read and written is remembered; the version guard makes it harmless when it is old. Within one
 * process the orders that want the same SKU at the same moment share one write of each lot, so they never
 * conflict with each other; processes do, and read again what the others have written.
 */
export const lotWriter = (
  store: StockStore,
  random: Random,
  { room = usualRoom, defer }: LotWriterOptions = {},
): LotWriter => {
  const startAt = random.int(1_000_000)
  const queues = new Map<Sku, (task: Task) => Promise<Answer>>()
  const queueOf = (sku: Sku) => {
    const known = queues.get(sku)
    if (known) return known
    const cache = emptyLotCache(sku, { room, startAt })
    const queue = coalesced(batchLimits, (tasks: readonly Task[]) => round(store, cache, tasks), defer)
    queues.set(sku, queue)
    return queue
  }
  return {
    change: <Outcome>(sku: Sku, orderId: OrderId, rule: LotRule<Outcome>) =>
      settled(queueOf(sku), sku, { orderId, rule }) as Promise<Outcome>,
    alone: async <Outcome>(sku: Sku, work: () => Promise<Outcome>) =>
      outcomeOf(await queueOf(sku)({ work })) as Outcome,
  }
}

/** Asks until there is an outcome. */
const settled = async (
  ask: (task: Task) => Promise<Answer>,
  sku: Sku,
  task: Pick<OfOrder, 'orderId' | 'rule'>,
): Promise<unknown> => {
  let depth: ReadDepth = 'remembered'
  for (let attempt = 0; attempt < attempts; ) {
    const answer = await ask({ ...task, depth })
    if (answer === 'retry') attempt += 1
    else if ('look' in answer) depth = answer.look
    else return outcomeOf(answer)
  }
  throw new SagaError('store-unavailable', `others changed the stock of ${sku} ${attempts} times`)
}

const outcomeOf = (answer: Answer): unknown => {
  if (answer === 'retry' || 'look' in answer) throw new Error('an answer without an outcome')
  if ('error' in answer) throw answer.error
  return answer.outcome
}

const isOfOrder = (task: Task): task is OfOrder => 'orderId' in task

/** What is to be done alone goes first, then what the orders want. */
const round = async (store: StockStore, cache: LotCache, tasks: readonly Task[]): Promise<Answer[]> => {
  const done = new Map<Task, Answer>()
  for (const task of tasks) if (!isOfOrder(task)) done.set(task, await aloneAt(cache, task.work))
  const ofOrders = tasks.filter(isOfOrder)
  const answers = ofOrders.length > 0 ? await ordersAt(store, cache, ofOrders) : []
  for (const [n, task] of ofOrders.entries()) done.set(task, answers[n] ?? 'retry')
  return tasks.map(task => done.get(task) ?? 'retry')
}

const aloneAt = async (cache: LotCache, work: () => Promise<unknown>): Promise<Answer> => {
  cache.complete = false
  return work().then(
    outcome => ({ outcome }),
    error => ({ error }),
  )
}

/** The verdict of every task on top of those before it, and one write of each lot that changes. */
const ordersAt = async (store: StockStore, cache: LotCache, tasks: readonly OfOrder[]): Promise<Answer[]> => {
  await makeRoom(store, cache, tasks.length)
  const depth = await look(store, cache, deepest(tasks))
  const met = new Set<OrderId>()
  const verdicts = tasks.map(({ orderId, rule }) => {
    // A verdict about an order may not rest on another one about it that is not written yet.
    if (met.has(orderId)) return 'retry'
    met.add(orderId)
    const verdict = rule(stockViewOf(cache, orderId, depth))
    if ('changed' in verdict) for (const entry of verdict.changed) applyHoldChange(cache, orderId, entry)
    return verdict
  })
  const written = await writeAll(store, cache)
  return verdicts.map(verdict => (verdict === 'retry' ? verdict : answerTo(verdict, written)))
}

const deepest = (tasks: readonly OfOrder[]): ReadDepth =>
  (['all', 'holds'] as const).find(depth => tasks.some(task => task.depth === depth)) ?? 'remembered'

/** Reads as much as is wanted, and whatever is known to be old; resolves with how much that was. */
const look = async (store: StockStore, cache: LotCache, depth: ReadDepth): Promise<ReadDepth> => {
  if (depth === 'all' || !cache.complete) return lookAtAll(store, cache)
  const [held] = await Promise.all([depth === 'holds' ? store.held(cache.sku) : [], freshen(store, cache)])
  for (const lot of held) remember(cache, lot)
  return depth
}

/** Reads again what is known to be old. */
const freshen = async (store: StockStore, cache: LotCache): Promise<void> => {
  const { sku, stale } = cache
  const lots = await Promise.all([...stale].map(lot => store.lot({ sku, lot })))
  for (const lot of lots) if (lot) remember(cache, lot)
}

/** Units between two lots would be missed, so they arrive first. */
const lookAtAll = async (store: StockStore, cache: LotCache): Promise<ReadDepth> => {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const lots = await store.lots(cache.sku)
    const moving = inTransit(lots)
    if (moving.length === 0) {
      for (const lot of lots) if (isNew(cache, lot)) remember(cache, lot)
      cache.complete = true
      return 'all'
    }
    for (const move of moving) await finishMove(store, move)
  }
  throw new SagaError('store-unavailable', `the stock of ${cache.sku} was moved ${attempts} times`)
}

/** Nobody waits for it to succeed: where there is no room, holds go where the units are. */
const makeRoom = async (store: StockStore, cache: LotCache, wanted: number): Promise<void> => {
  for (let n = 0; n < movesAtOnce; n += 1) {
    await freshen(store, cache)
    const move = reliefMove(cache, wanted)
    if (!move) return
    cache.stale.add(move.from.lot).add(move.to)
    try {
      await moveUnits(store, move)
    } catch (error) {
      if (!hasCode(error, 'store-unavailable')) throw error
      return
    }
  }
}

/** What became of each lot that was to be written. */
type Written = ReadonlyMap<number, Answer | 'committed'>

/**
 * Lot after lot in order of number, and none after one that failed: of orders that want the last units of
 * several lots, the first at a lot that all of them want goes on, and the others see what is left. Written at
 * once, each could get a part and all be short.
 */
const writeAll = async (store: StockStore, cache: LotCache): Promise<Written> => {
  const changed = [...cache.changed].sort((a, b) => a.lot - b.lot)
  cache.changed.clear()
  const written = new Map<number, Answer | 'committed'>()
  let goesOn = true
  for (const lot of changed) {
    const outcome: Answer | 'committed' = goesOn ? await write(store, cache, lot) : leave(cache, lot)
    goesOn = outcome === 'committed'
    written.set(lot.lot, outcome)
  }
  return written
}

/** What was changed in memory only is read again. */
const leave = (cache: LotCache, lot: KnownLot): Answer => {
  lot.changed.clear()
  cache.stale.add(lot.lot)
  return 'retry'
}

const write = async (store: StockStore, cache: LotCache, lot: KnownLot): Promise<Answer | 'committed'> => {
  const change = changeOf(lot)
  lot.changed.clear()
  try {
    const outcome = await store.commit(lot, change)
    if (outcome === 'committed') lot.version += 1
    else cache.stale.add(lot.lot)
    return outcome === 'committed' ? outcome : 'retry'
  } catch (error) {
    cache.stale.add(lot.lot)
    return { error }
  }
}

/**
 * A verdict that changed lots counts when they were all written. One that changed nothing may rest on what
 * others were about to change (short is), so it counts when all of that was written.
 */
const answerTo = (verdict: LotRuleResult<unknown>, written: Written): Answer => {
  if ('look' in verdict) return verdict
  const { changed, outcome } = verdict
  const restsOn = changed.length > 0 ? changed.map(({ lot }) => written.get(lot)) : [...written.values()]
  const not = restsOn.filter(result => result !== 'committed')
  const failed = not.find(result => result !== 'retry')
  if (failed && changed.length > 0) return failed
  return not.length > 0 ? 'retry' : { outcome }
}
