import { storyOf, tellingOrder } from '../../harness/story.ts'
import { kindTable, speedOf, stockTable, table } from '../../harness/tables.ts'
import type { Result } from './run.ts'

/** Everything that a finished run has to say. */
export const reportOf = (result: Result): string => {
  const { evidence, startedAt } = result
  const telling = tellingOrder(evidence)
  return [
    ...['', 'What became of the orders', kindTable(evidence.orders)],
    ...['', 'The stock', stockTable(evidence)],
    ...['', 'Speed', `  ${speedOf(evidence.orders, startedAt).split('; ').join('\n  ')}`],
    ...repeatLines(result),
    ...cpuLines(result),
    ...(telling ? ['', 'One order that was undone', storyOf(telling, evidence.ledger)] : []),
    ...['', verdict(result)],
  ].join('\n')
}

const repeatLines = ({ repeats }: Result): string[] => {
  const reasons = [...repeats].map(([why, times]) => `${times} x ${why}`)
  return reasons.length > 0 ? [`  calls that were repeated: ${reasons.join(', ')}`] : []
}

const cpuLines = ({ cpu, evidence }: Result): string[] => {
  if (cpu.length === 0) return []
  const perOrder = (seconds: number) =>
    `${((seconds * 1_000) / evidence.orders.length).toFixed(2)} ms an order`
  const total = cpu.reduce((sum, [, seconds]) => sum + seconds, 0)
  const rows = [...cpu, ['together', total] as const]
  return [
    ...['', 'CPU of the system'],
    table(rows.map(([name, seconds]) => [name, `${seconds.toFixed(2)} s`, perOrder(seconds)] as const)),
  ]
}

const mostStories = 10

const verdict = ({ offences, evidence }: Result): string => {
  if (offences.length === 0) return 'Every order has ended, and every cent and every item is accounted for.'
  const guilty = evidence.orders.filter(({ orderIds, planned }) =>
    offences.some(({ about }) => orderIds.has(about) || about === planned.key),
  )
  return [
    `${offences.length} things are wrong:`,
    ...offences.map(({ about, what }) => `  ${about} ${what}`),
    ...guilty.slice(0, mostStories).map(order => `\n${storyOf(order, evidence.ledger)}`),
  ].join('\n')
}
