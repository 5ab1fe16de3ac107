import { type Spread, spreadOf } from '../quantiles.ts'
import type { Contender, Run } from '../trials/run.ts'
import type { Results } from './results.ts'

/** The measurements of several runs of the same thing. What was not measured is absent. */
export type Summary = {
  readonly contender: Contender
  readonly trial: string
  readonly store: string
  readonly runs: number
  readonly offences: number
  readonly ordersPerSecond: Spread
  readonly cpuMsPerOrder: Spread
  readonly cpuMsPerOrderWithoutStore: Spread
  readonly figures: Readonly<Record<FigureName, Spread | undefined>>
  readonly cpuByProcess: Readonly<Record<string, Spread>>
  readonly extra: Readonly<Record<string, Spread>>
}

/** The process whose work is the store's. */
const stores: Record<Contender, string> = {
  ...{ saga: 'mongodb', naive: 'mongodb', limit: 'mongodb' },
  ...{ bullmq: 'redis', dbos: 'postgres' },
}

const sum = (record: Readonly<Record<string, number>>) =>
  Object.values(record).reduce((total, value) => total + value, 0)

const cpuOf = ({ used, orders }: Run) => sum(used.cpuMs) / orders
const storeCpuOf = ({ contender, used, orders }: Run) => (used.cpuMs[stores[contender]] ?? 0) / orders

const each = (run: Run, value: number | undefined) => (value === undefined ? undefined : value / run.orders)
const some = (value: number) => (value === 0 ? undefined : value)
const greatest = (values: readonly number[]) => (values.length === 0 ? undefined : Math.max(...values))

/** Every other measurement of one run, undefined when it was not measured. */
const figuresOf = {
  acceptedPerSecond: (run: Run) => run.acceptedPerSecond,
  submitP50: (run: Run) => run.submitMs?.p50,
  submitP99: (run: Run) => run.submitMs?.p99,
  endP50: (run: Run) => run.toEndMs?.p50,
  endP99: (run: Run) => run.toEndMs?.p99,
  endP999: (run: Run) => run.toEndMs?.p999,
  refused: (run: Run) => run.refused,
  refusedWithoutHint: (run: Run) => run.refusedWithoutHint,
  messagesPublished: (run: Run) => each(run, run.used.counters.published),
  messagesDelivered: (run: Run) => each(run, run.used.counters.delivered),
  redisCommands: (run: Run) => each(run, run.used.counters.redisCommands),
  redisReads: (run: Run) => each(run, run.used.counters.redisReads),
  storeRequests: (run: Run) => each(run, run.used.counters.storeRequests),
  storeWrittenBytes: (run: Run) => each(run, some(run.used.writtenBytes[stores[run.contender]] ?? 0)),
  writtenBytes: (run: Run) => each(run, some(sum(run.used.writtenBytes))),
  diskBytes: (run: Run) => each(run, sum(run.used.diskBytes)),
  peakMemoryMb: (run: Run) => sum(run.used.peakRssBytes) / 1e6,
  loopP99Ms: (run: Run) => greatest(Object.values(run.used.turning).map(({ loopP99Ms }) => loopP99Ms)),
  gcMs: (run: Run) =>
    each(run, some(Object.values(run.used.turning).reduce((total, { gcMs }) => total + gcMs, 0))),
  generatorCpuMs: (run: Run) => each(run, some(run.generatorCpuMs)),
} as const
export type FigureName = keyof typeof figuresOf

const none: Spread = { min: 0, median: 0, max: 0 }
const over = (runs: readonly Run[], figure: (run: Run) => number | undefined): Spread | undefined =>
  spreadOf(runs.map(figure).filter(value => value !== undefined && Number.isFinite(value)) as number[])

const named = (runs: readonly Run[], recordOf: (run: Run) => Readonly<Record<string, number>>) => {
  const names = [...new Set(runs.flatMap(run => Object.keys(recordOf(run))))]
  return Object.fromEntries(names.map(name => [name, over(runs, run => recordOf(run)[name]) ?? none]))
}

const perOrder = (run: Run) =>
  Object.fromEntries(Object.entries(run.used.cpuMs).map(([name, ms]) => [name, ms / run.orders]))

const summaryOf = (first: Run, runs: readonly Run[]): Summary => ({
  ...{ contender: first.contender, trial: first.trial, store: first.store, runs: runs.length },
  offences: runs.reduce((total, { offences }) => total + offences.length, 0),
  ordersPerSecond: over(runs, run => run.ordersPerSecond) ?? none,
  cpuMsPerOrder: over(runs, cpuOf) ?? none,
  cpuMsPerOrderWithoutStore: over(runs, run => cpuOf(run) - storeCpuOf(run)) ?? none,
  figures: Object.fromEntries(
    Object.entries(figuresOf).map(([name, figure]) => [name, over(runs, figure)]),
  ) as Record<FigureName, Spread | undefined>,
  cpuByProcess: named(runs, perOrder),
  extra: named(runs, run => run.extra ?? {}),
})

/** The measurements of every contender and trial, in the order of their first runs. Pure. */
export const summariesOf = ({ runs }: Pick<Results, 'runs'>): Summary[] => {
  const groups = new Map<string, Run[]>()
  for (const run of runs) {
    const key = `${run.contender} ${run.trial}`
    groups.set(key, [...(groups.get(key) ?? []), run])
  }
  return [...groups.values()].flatMap(group => (group[0] ? [summaryOf(group[0], group)] : []))
}

/** The measurements of one contender in one trial. */
export const find = (
  summaries: readonly Summary[],
  contender: Contender,
  trial = 'order',
): Summary | undefined => summaries.find(one => one.contender === contender && one.trial === trial)
