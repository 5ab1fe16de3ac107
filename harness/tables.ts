import type { LedgerEntry } from '../local/providers/ledger.ts'
import { type AuditEvidence, netOf, sumOf } from './audit.ts'
import { isQuick, type KindName, kinds } from './order-kinds.ts'
import type { WorkloadOrder } from './workload.ts'

type Row = readonly [name: string, value: string, note?: string]

/** Cents as an amount with two decimals. */
export const amount = (cents: number): string =>
  (cents / 100).toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })

/** Rows with the values aligned at their end. */
export const table = (rows: readonly Row[]): string => {
  const width = Math.max(...rows.map(([name]) => name.length))
  const valueWidth = Math.max(...rows.map(([, value]) => value.length))
  return rows
    .map(([name, value, note = '']) => `  ${name.padEnd(width)}  ${value.padStart(valueWidth)}  ${note}`)
    .map(line => line.trimEnd())
    .join('\n')
}

/** What became of each kind of order. */
export const kindTable = (orders: readonly WorkloadOrder[]): string =>
  table(
    (Object.keys(kinds) as KindName[]).flatMap((kind): Row[] => {
      const those = orders.filter(({ planned }) => planned.kind === kind)
      const ends = those.map(({ seen }) => seen?.status ?? 'not accepted')
      const count = (end: string) => ends.filter(each => each === end).length
      const note = [...new Set(ends)].map(end => `${count(end)} ${end}`).join(', ')
      return those.length > 0 ? [[kind, String(those.length), note]] : []
    }),
  )

/**
 * The stock totals of the run: orders by end, money from the provider's ledger, parcels from the carrier's,
 * stock from the shelves.
 */
export const stockTable = (evidence: AuditEvidence): string => {
  const { orders, ledger } = evidence
  const ended = (status: string) => orders.filter(({ seen }) => seen?.status === status)
  const ours = ownEntries(evidence)
  const revenue = ended('confirmed').reduce((sum, { seen }) => sum + (seen?.total ?? 0), 0)
  const counted = (kind: LedgerEntry['kind']) => `${ours.filter(each => each.kind === kind).length} times`
  const others = ledger.length - ours.length
  return table([
    ...(['confirmed', 'rejected', 'cancelled'] as const).map((end): Row => [end, String(ended(end).length)]),
    ['charged', amount(sumOf(ours, 'charge')), counted('charge')],
    ['refunded', amount(sumOf(ours, 'refund')), counted('refund')],
    ['net', amount(netOf(ours)), 'charged less refunded, from the ledger of the payment provider'],
    ['expected', amount(revenue), 'the totals of the confirmed orders'],
    ['shipments', counted('shipment').replace(' times', ''), 'from the ledger of the carrier'],
    ...stockRows(evidence),
    ...(others > 0 ? [['of others', String(others), 'ledger entries in the meantime'] as const] : []),
  ])
}

const ownEntries = ({ orders, ledger }: AuditEvidence): LedgerEntry[] => {
  const ours = new Set(orders.flatMap(({ orderIds }) => [...orderIds]))
  return ledger.filter(({ orderId }) => ours.has(orderId))
}

const stockRows = ({ before, after }: AuditEvidence): Row[] => {
  const sum = (
    books: AuditEvidence['after'],
    field: 'initial' | 'restocked' | 'onHand' | 'held' | 'shipped',
  ) => books.reduce((total, each) => total + each[field], 0)
  const had = sum(after, 'initial') + sum(after, 'restocked')
  const [onHand, held, shipped] = [sum(after, 'onHand'), sum(after, 'held'), sum(after, 'shipped')]
  const left = shipped - sum(before, 'shipped')
  const note = `${onHand} on hand + ${held} held + ${shipped} shipped; ${left} units left in this run`
  return [
    ['stock', String(had), 'units that there were, initially or restocked'],
    ['accounted', String(onHand + held + shipped), note],
  ]
}

/** How fast it went; `quick` are the orders that no slow or failing provider call held up. */
export const speedOf = (orders: readonly WorkloadOrder[], startedAt: number): string => {
  const quick = orders.filter(({ planned }) => isQuick(planned.kind))
  const spent = (some: readonly WorkloadOrder[], at: (order: WorkloadOrder) => number | undefined) =>
    (Math.max(...some.map(order => at(order) ?? startedAt)) - startedAt) / 1_000
  const rate = (some: readonly WorkloadOrder[], seconds: number) =>
    `${some.length} in ${seconds.toFixed(1)} s (${Math.round(some.length / Math.max(seconds, 0.001))} orders/s)`
  return [
    `accepted ${rate(
      orders,
      spent(orders, order => order.acceptedAt),
    )}`,
    `settled ${rate(
      quick,
      spent(quick, order => order.settledAt),
    )} of those that no provider keeps waiting`,
    `all ${orders.length} after ${spent(orders, order => order.settledAt).toFixed(1)} s`,
  ].join('; ')
}
