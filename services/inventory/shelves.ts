import type { OrderId, Sku } from '../../shared/contract/ids.ts'
import { coalesced } from '../../shared/persistence/coalesce.ts'
import type { Hold, Lot, LotChange, StockStore } from '../../shared/persistence/stock.ts'
import { SagaError } from '../../shared/runtime/errors.ts'
import type { LotView, Rule, Verdict } from './lots.ts'

/** The stock as its rules change it: one order and one SKU at a time, however many are at it. */
export type Shelves = {
  /**
   * Asks the rule what is to change, and changes it, each lot in one atomic write; when another process was faster the rule is
   * asked again about what is there then. @throws SagaError `store-unavailable` when nobody knows what was done, or others
   * were faster every time
   */
  change<Outcome>(sku: Sku, orderId: OrderId, rule: Rule<Outcome>): Promise<Outcome>
}

type Task = { readonly orderId: OrderId; readonly rule: Rule<unknown> }
/** `again`: another process was faster. */
type Answer = { readonly outcome: unknown } | { readonly error: unknown } | 'again'

/** How many orders share a write, and how often one tries before it leaves the field to others. */
const sharing = { limit: 512, inFlight: 1 }
const attempts = 30

/**
 * Within one process the orders that want the same SKU at the same moment share one read and one write of each lot, so they never
 * conflict with each other; processes do, and ask again.
 */
export const shelves = (store: StockStore): Shelves => {
  const queues = new Map<Sku, (task: Task) => Promise<Answer>>()
  const queueOf = (sku: Sku) => {
    const queue = queues.get(sku) ?? coalesced(sharing, (tasks: readonly Task[]) => round(store, sku, tasks))
    queues.set(sku, queue)
    return queue
  }
  return {
    change: async <Outcome>(sku: Sku, orderId: OrderId, rule: Rule<Outcome>) => {
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const answer = await queueOf(sku)({ orderId, rule })
        if (answer === 'again') continue
        if ('error' in answer) throw answer.error
        return answer.outcome as Outcome
      }
      throw new SagaError('store-unavailable', `others changed the stock of ${sku} ${attempts} times`)
    },
  }
}

/** One read, the verdict of every task on top of those before it, one write of each lot that changes. */
const round = async (store: StockStore, sku: Sku, tasks: readonly Task[]): Promise<Answer[]> => {
  const drafts = new Map((await store.lots(sku)).map(lot => [lot.lot, draftOf(lot)]))
  const met = new Set<OrderId>()
  const verdicts = tasks.map(({ orderId, rule }) => {
    // A verdict about an order may not rest on another one about it that is not written yet.
    if (met.has(orderId)) return 'again'
    met.add(orderId)
    const verdict = rule([...drafts.values()].map(draft => viewOf(draft, orderId)))
    for (const changed of verdict.changed) enter(drafts, orderId, changed)
    return verdict
  })
  const written = await writeAll(store, [...drafts.values()])
  return verdicts.map(verdict => (verdict === 'again' ? verdict : answerTo(verdict, written)))
}

/** A lot with the changes of this round. */
type Draft = { readonly lot: Lot; numbers: Omit<LotChange, 'holds'>; holds: Map<OrderId, Hold | null> }

const draftOf = (lot: Lot): Draft => ({
  lot,
  numbers: { onHand: lot.onHand, held: lot.held, shipped: lot.shipped },
  holds: new Map(),
})

const viewOf = ({ lot, numbers }: Draft, orderId: OrderId): LotView => ({
  ...numbers,
  lot: lot.lot,
  own: lot.holds[orderId],
})

const enter = (
  drafts: ReadonlyMap<number, Draft>,
  orderId: OrderId,
  { lot, own, ...numbers }: LotView,
): void => {
  const draft = drafts.get(lot)
  if (!draft) return
  draft.numbers = numbers
  draft.holds.set(orderId, own ?? null)
}

/** What became of each lot that was to be written. */
type Written = ReadonlyMap<number, Answer | 'committed'>

const writeAll = async (store: StockStore, drafts: readonly Draft[]): Promise<Written> => {
  const changed = drafts.filter(({ holds }) => holds.size > 0)
  return new Map(
    await Promise.all(changed.map(async draft => [draft.lot.lot, await write(store, draft)] as const)),
  )
}

const write = async (store: StockStore, { lot, numbers, holds }: Draft): Promise<Answer | 'committed'> => {
  try {
    const change = { ...numbers, holds: Object.fromEntries(holds) as LotChange['holds'] }
    return (await store.commit(lot, change)) === 'committed' ? 'committed' : 'again'
  } catch (error) {
    return { error }
  }
}

/**
 * A verdict that changed lots counts when they were all written. One that changed nothing may rest on what others were about to
 * change (short is), so it counts when all of that was written.
 */
const answerTo = ({ changed, outcome }: Verdict<unknown>, written: Written): Answer => {
  const restsOn = changed.length > 0 ? changed.map(({ lot }) => written.get(lot)) : [...written.values()]
  const not = restsOn.filter(result => result !== 'committed')
  const failed = not.find(result => result !== 'again')
  if (failed && changed.length > 0) return failed
  return not.length > 0 ? 'again' : { outcome }
}
