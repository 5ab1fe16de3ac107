import type { LedgerEntry } from '../local/providers/ledger.ts'
import type { AuditEvidence } from './audit.ts'
import { kinds } from './order-kinds.ts'
import { amount } from './tables.ts'
import type { WorkloadOrder } from './workload.ts'

/**
 * The cancelled order with the longest story: one that was charged and refunded, best while its charge was
 * slow.
 */
export const tellingOrder = ({ orders, ledger }: AuditEvidence): WorkloadOrder | undefined => {
  const entries = (order: WorkloadOrder) => ledger.filter(({ orderId }) => order.orderIds.has(orderId)).length
  const weight = (order: WorkloadOrder) =>
    10 * entries(order) + (kinds[order.planned.kind].token === 'tok_slow' ? 1 : 0)
  const cancelled = orders.filter(({ seen }) => seen?.status === 'cancelled')
  return cancelled.toSorted((a, b) => weight(b) - weight(a))[0]
}

/**
 * Everything that can be seen from outside about one order: what the API says, and its entries in the
 * ledgers.
 */
export const storyOf = (order: WorkloadOrder, ledger: readonly LedgerEntry[]): string => {
  const { seen, acceptedAt = 0, planned } = order
  const [orderId = planned.key] = order.orderIds
  const own = ledger.filter(entry => order.orderIds.has(entry.orderId))
  const since = (at: number) => `${((at - acceptedAt) / 1_000).toFixed(2).padStart(7)} s`
  const events: (readonly [number, string])[] = [
    ...(order.acceptedAt === undefined
      ? []
      : [[acceptedAt, `accepted, ${amount(order.total ?? 0)} to pay`] as const]),
    ...(order.cancelAskedAt === undefined ? [] : [[order.cancelAskedAt, 'cancel asked for'] as const]),
    ...own.map(({ at, kind, amount: cents, key }) => [at, entryLine(kind, cents, key)] as const),
    ...(order.settledAt === undefined ? [] : [[order.settledAt, `seen ${seen?.status}`] as const]),
  ]
  const what = seen
    ? `${seen.status}${seen.reason ? `, ${seen.reason}` : ''}${seen.awaiting.length > 0 ? `, awaits ${seen.awaiting.join(' or ')}` : ''}`
    : 'never seen'
  const lines = planned.body.lines.map(({ sku, quantity }) => `${quantity} x ${sku}`).join(', ')
  const timeline = events.toSorted(([a], [b]) => a - b).map(([at, text]) => `  ${since(at)}  ${text}`)
  return [
    `${orderId}  ${what}`,
    `  ${planned.kind}, ${planned.body.payment.token}, ${lines}`,
    ...timeline,
  ].join('\n')
}

const entryLine = (kind: LedgerEntry['kind'], cents: number, key: string): string =>
  kind === 'shipment' ? `carrier: shipment (${key})` : `payment provider: ${kind} ${amount(cents)} (${key})`
