import type { OrderId, Sku } from '../../shared/contract/ids.ts'
import type { Hold, Lot, LotChange, StockStore } from '../../shared/persistence/stock.ts'
import { coalesced, type Defer } from '../../shared/runtime/coalesce.ts'
import { SagaError } from '../../shared/runtime/errors.ts'
import type { Random } from '../../shared/runtime/random.ts'
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
const sharing = { limit: 2_000, inFlight: 1 }
const attempts = 30

/**
 * Within one process the orders that want the same SKU at the same moment share one read and one write of each lot, so they never
 * conflict with each other; processes do, and ask again. Each begins at a lot of its own choice, so that they seldom meet.
 */
export const shelves = (store: StockStore, random: Random, defer?: Defer): Shelves => {
  const startAt = random.int(1_000_000)
  const queues = new Map<Sku, (task: Task) => Promise<Answer>>()
  const queueOf = (sku: Sku) => {
    const queue =
      queues.get(sku) ??
      coalesced(sharing, (tasks: readonly Task[]) => round(store, sku, startAt, tasks), defer)
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
const round = async (
  store: StockStore,
  sku: Sku,
  startAt: number,
  tasks: readonly Task[],
): Promise<Answer[]> => {
  const drafts = draftsOf(
    rotated(await store.lots(sku), startAt),
    new Set(tasks.map(({ orderId }) => orderId)),
  )
  const met = new Set<OrderId>()
  const verdicts = tasks.map(({ orderId, rule }) => {
    // A verdict about an order may not rest on another one about it that is not written yet.
    if (met.has(orderId)) return 'again'
    met.add(orderId)
    const verdict = rule(viewsFor(drafts, orderId))
    for (const changed of verdict.changed) enter(drafts, orderId, changed)
    return verdict
  })
  const written = await writeAll(store, drafts)
  return verdicts.map(verdict => (verdict === 'again' ? verdict : answerTo(verdict, written)))
}

const rotated = (lots: readonly Lot[], startAt: number): readonly Lot[] => {
  const first = lots.length > 0 ? startAt % lots.length : 0
  return [...lots.slice(first), ...lots.slice(0, first)]
}

/** The lots of a round with its changes so far. */
type Drafts = {
  readonly lots: readonly Lot[]
  /** What an order without a hold sees, lot by lot. */
  readonly views: LotView[]
  /** The holds that changed, lot by lot. */
  readonly holds: readonly Map<OrderId, Hold | null>[]
  /** Where the place of a lot in these lists is. */
  readonly places: ReadonlyMap<number, number>
  /** The holds of the orders of this round as they were read, by the place of their lot. */
  readonly owned: ReadonlyMap<OrderId, ReadonlyMap<number, Hold>>
}

const draftsOf = (lots: readonly Lot[], orders: ReadonlySet<OrderId>): Drafts => ({
  lots,
  views: lots.map(unowned),
  holds: lots.map(() => new Map()),
  places: new Map(lots.map(({ lot }, place) => [lot, place])),
  owned: ownedBy(orders, lots),
})

const unowned = ({ lot, onHand, held, shipped }: Omit<LotView, 'own'>): LotView => ({
  ...{ lot, onHand, held, shipped },
  own: undefined,
})

// Over the holds once, instead of over all lots for every order: with many open holds there are far more of these pairs.
const ownedBy = (orders: ReadonlySet<OrderId>, lots: readonly Lot[]) => {
  const owned = new Map<OrderId, Map<number, Hold>>()
  for (const [place, { holds }] of lots.entries())
    for (const orderId of Object.keys(holds) as OrderId[]) {
      const hold = orders.has(orderId) ? holds[orderId] : undefined
      if (hold) owned.set(orderId, (owned.get(orderId) ?? new Map<number, Hold>()).set(place, hold))
    }
  return owned
}

const viewsFor = ({ views, owned }: Drafts, orderId: OrderId): readonly LotView[] => {
  const own = owned.get(orderId)
  return own ? views.map((view, place) => ({ ...view, own: own.get(place) })) : views
}

const enter = ({ views, holds, places }: Drafts, orderId: OrderId, changed: LotView): void => {
  const place = places.get(changed.lot)
  if (place === undefined) return
  views[place] = unowned(changed)
  holds[place]?.set(orderId, changed.own ?? null)
}

/** What became of each lot that was to be written. */
type Written = ReadonlyMap<number, Answer | 'committed'>

const writeAll = async (store: StockStore, { lots, views, holds }: Drafts): Promise<Written> => {
  const writes = lots.flatMap((lot, place) => {
    const view = views[place]
    const changed = holds[place]
    return view && changed && changed.size > 0 ? [write(store, lot, changeOf(view, changed))] : []
  })
  return new Map(await Promise.all(writes))
}

const changeOf = (
  { onHand, held, shipped }: LotView,
  holds: ReadonlyMap<OrderId, Hold | null>,
): LotChange => ({
  ...{ onHand, held, shipped },
  holds: Object.fromEntries(holds) as LotChange['holds'],
})

const write = async (
  store: StockStore,
  lot: Lot,
  change: LotChange,
): Promise<[number, Answer | 'committed']> => {
  try {
    return [lot.lot, (await store.commit(lot, change)) === 'committed' ? 'committed' : 'again']
  } catch (error) {
    return [lot.lot, { error }]
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
