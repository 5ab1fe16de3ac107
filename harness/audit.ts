import type { LedgerEntry } from '../local/providers/ledger.ts'
import type { OrderStatus } from '../services/contract/fields.ts'
import type { Catalogue, OrderAnswer } from '../services/order/api/openapi/answers.ts'
import type { StockTotals } from '../services/private-calls/stock.ts'
import { inTimeMs, type Kind, kinds } from './order-kinds.ts'
import { isSettled, type WorkloadOrder } from './workload.ts'

/** What the outside of the system says once a run is over. */
export type AuditEvidence = {
  readonly orders: readonly WorkloadOrder[]
  readonly catalogue: Catalogue
  /** What decisions on record say was given back outside, in cents by order id; of orders whose books need it. */
  readonly givenBackByHand: ReadonlyMap<string, number>
  /** Every entry that was not there before the run. */
  readonly ledger: readonly LedgerEntry[]
  readonly before: readonly StockTotals[]
  readonly after: readonly StockTotals[]
  /**
   * Order ids in the ledgers that this run did not get: `known` ones others placed, `unknown` ones nobody
   * did.
   */
  readonly strangers: { readonly known: readonly string[]; readonly unknown: readonly string[] }
  /** True when nobody else uses the system, so that every stranger is a mistake. */
  readonly alone: boolean
  /** True when something was killed, so that a cancel may come too late through no fault of its own. */
  readonly disturbed: boolean
}

/** Something that must not be. `about` is an order id, a SKU, or a key. */
export type AuditViolation = { readonly about: string; readonly what: string }

/**
 * Everything that contradicts the promises: money, stock, ends, and that no accepted order is lost or
 * doubled.
 */
export const audit = (evidence: AuditEvidence): AuditViolation[] => {
  const entries = entriesByOrder(evidence.ledger)
  return [
    ...evidence.orders.flatMap(order => orderOffences(order, evidence, entries)),
    ...strangerOffences(evidence),
    ...evidence.after.flatMap(books => booksOffences(books, evidence)),
  ]
}

type EntriesByOrder = ReadonlyMap<string, readonly LedgerEntry[]>

/** Looked up once for each of many thousands of orders. */
const entriesByOrder = (ledger: readonly LedgerEntry[]): EntriesByOrder => {
  const found = new Map<string, LedgerEntry[]>()
  for (const entry of ledger) {
    const entries = found.get(entry.orderId)
    if (entries) entries.push(entry)
    else found.set(entry.orderId, [entry])
  }
  return found
}

const says = (
  about: string,
  checks: readonly (readonly [wrong: boolean, what: string])[],
): AuditViolation[] => checks.flatMap(([wrong, what]) => (wrong ? [{ about, what }] : []))

const orderOffences = (
  order: WorkloadOrder,
  evidence: AuditEvidence,
  entries: EntriesByOrder,
): AuditViolation[] => {
  const { orderIds, planned, seen, failure } = order
  const [orderId = planned.key] = orderIds
  const trouble = failure === undefined ? '' : ` (${failure})`
  if (orderIds.size === 0) return [{ about: planned.key, what: `was never accepted${trouble}` }]
  if (!seen) return [{ about: orderId, what: `was accepted, and is unknown${trouble}` }]
  const ids = [...orderIds].join(', ')
  return [
    ...says(orderId, [
      [orderIds.size > 1, `one Idempotency-Key made several orders: ${ids}`],
      [failure !== undefined, `a call about it failed: ${failure}`],
    ]),
    ...endOffences(order, seen, evidence.disturbed),
    ...contentOffences(order, seen, evidence.catalogue),
    ...ledgerOffences(
      seen,
      [...orderIds].flatMap(id => entries.get(id) ?? []),
      evidence.givenBackByHand.get(seen.orderId) ?? 0,
    ),
  ]
}

const endOffences = (order: WorkloadOrder, seen: OrderAnswer, disturbed: boolean): AuditViolation[] => {
  if (!isSettled(seen)) {
    const awaited = seen.awaiting.join(' or ') || 'nothing'
    return [{ about: seen.orderId, what: `is ${seen.status} and still awaits ${awaited}` }]
  }
  const ends = endsOf(order, disturbed)
  const what = `${order.planned.kind}: ended ${seen.status} instead of ${ends.join(' or ')}`
  return says(seen.orderId, [[!ends.includes(seen.status), what]])
}

/** Where the order may end; a slow charge that was asked to be cancelled in time has only one end. */
const endsOf = (
  { planned, acceptedAt = 0, cancelAskedAt = Number.POSITIVE_INFINITY }: WorkloadOrder,
  disturbed: boolean,
): readonly OrderStatus[] => {
  const { token, ends }: Kind = kinds[planned.kind]
  const inTime = token === 'tok_slow' && cancelAskedAt - acceptedAt < inTimeMs
  return inTime && !disturbed ? ['cancelled'] : ends
}

const contentOffences = (order: WorkloadOrder, seen: OrderAnswer, catalogue: Catalogue): AuditViolation[] => {
  const wanted = order.planned.body.lines
  const price = (sku: string) => catalogue.find(item => item.sku === sku)?.unitPrice ?? Number.NaN
  const total = wanted.reduce((sum, { sku, quantity }) => sum + quantity * price(sku), 0)
  const isWanted = ({ sku, quantity }: { sku: string; quantity: number }) =>
    wanted.some(line => line.sku === sku && line.quantity === quantity)
  return says(seen.orderId, [
    [seen.total !== total || order.total !== total, `costs ${seen.total} instead of ${total}`],
    [seen.lines.length !== wanted.length || !seen.lines.every(isWanted), 'has other lines than were ordered'],
  ])
}

/** What an order paid less what it got back, in cents. */
export const netOf = (entries: readonly LedgerEntry[]): number =>
  sumOf(entries, 'charge') - sumOf(entries, 'refund')

/** The sum of one kind of entry, in cents. */
export const sumOf = (entries: readonly LedgerEntry[], kind: LedgerEntry['kind']): number =>
  entries.reduce((sum, entry) => (entry.kind === kind ? sum + entry.amount : sum), 0)

const ledgerOffences = (
  { orderId, status, total }: OrderAnswer,
  entries: readonly LedgerEntry[],
  byHand: number,
) => {
  const count = (kind: LedgerEntry['kind']) => entries.filter(entry => entry.kind === kind).length
  const due = status === 'confirmed' ? total : 0
  const net = netOf(entries) - byHand
  const refunded = sumOf(entries, 'refund')
  const charged = sumOf(entries, 'charge')
  const shipments = status === 'confirmed' ? 1 : 0
  return says(orderId, [
    [
      byHand > 0 && refunded > 0,
      `was given ${refunded} back by the provider, and ${byHand} by a decision as well`,
    ],
    [net !== due, `is ${status} and paid ${net} instead of ${due}`],
    [charged !== 0 && charged !== total, `was charged ${charged} instead of ${total}`],
    [count('charge') > 1, `was charged ${count('charge')} times`],
    [count('refund') > 1, `was refunded ${count('refund')} times`],
    [count('shipment') !== shipments, `is ${status} and was shipped ${count('shipment')} times`],
  ])
}

const strangerOffences = ({ strangers, alone }: AuditEvidence): AuditViolation[] => [
  ...strangers.unknown.map(about => ({ about, what: 'is in a ledger, and no such order exists' })),
  ...(alone ? strangers.known : []).map(about => ({ about, what: 'exists, and nobody placed it' })),
]

const booksOffences = (
  books: StockTotals,
  { before, orders, strangers }: AuditEvidence,
): AuditViolation[] => {
  const { sku, initial, restocked, onHand, held, shipped } = books
  const [has, had] = [onHand + held + shipped, initial + restocked]
  const start = before.find(each => each.sku === sku)
  const quiet = strangers.known.length === 0
  const left = shipped - (start?.shipped ?? 0)
  const sold = soldOf(sku, orders)
  // What was held before the run is not its doing.
  const spare = start?.held ?? 0
  return says(sku, [
    [has !== had, `${onHand} on hand + ${held} held + ${shipped} shipped is not the ${had} that there were`],
    [onHand < 0 || held < 0, `has ${onHand} on hand and ${held} held`],
    [quiet && held > spare, `${held} are held, although no order is open`],
    [quiet && left !== sold, `${left} left the shelf, and ${sold} were sold`],
    [!quiet && left < sold, `only ${left} left the shelf, and ${sold} were sold`],
  ])
}

const soldOf = (sku: string, orders: readonly WorkloadOrder[]): number =>
  orders
    .flatMap(({ seen }) => (seen?.status === 'confirmed' ? seen.lines : []))
    .reduce((sum, line) => (line.sku === sku ? sum + line.quantity : sum), 0)
