import { workloads } from '../workloads.ts'
import { figure, spread, table } from './format.ts'
import { goalsOf, standingOf } from './goals.ts'
import type { FigureName, Summary } from './summary.ts'

const kilobytes = 1 / 1_024

const rateAndCost = (one: Summary): string[] => [
  spread(one.ordersPerSecond),
  spread(one.cpuMsPerOrder),
  spread(one.cpuMsPerOrderWithoutStore),
  spread(one.figures.endP50),
  spread(one.figures.endP99),
  spread(one.figures.endP999),
]
const rateAndCostHead = [
  'orders/s ended',
  'CPU ms/order',
  'without the store',
  'to end p50 ms',
  'p99',
  'p99.9',
]

/** `order`, of every contender. */
export const contenderTable = (summaries: readonly Summary[]): string =>
  table(
    ['contender', 'store', ...rateAndCostHead],
    summaries
      .filter(({ trial }) => trial === 'order')
      .map(one => [`\`${one.contender}\``, one.store, ...rateAndCost(one)]),
  )

const parts: readonly (readonly [string, FigureName, number])[] = [
  ['messages published', 'messagesPublished', 1],
  ['messages delivered', 'messagesDelivered', 1],
  ['Redis commands', 'redisCommands', 1],
  ['reads by Redis (round trips)', 'redisReads', 1],
  ['requests to the store (round trips)', 'storeRequests', 1],
  ['written to disk by the store, KB', 'storeWrittenBytes', kilobytes],
  ['written to disk by all, KB', 'writtenBytes', kilobytes],
  ['growth of the data folders, KB', 'diskBytes', kilobytes],
  ['garbage collection of the services, ms', 'gcMs', 1],
  ['CPU of the load generator, ms', 'generatorCpuMs', 1],
]

/** What one order of `order` takes besides CPU, of every contender; `-` where it is not measured. */
export const resourceTable = (summaries: readonly Summary[]): string => {
  const order = summaries.filter(({ trial }) => trial === 'order')
  return table(
    ['an order takes', ...order.map(({ contender }) => `\`${contender}\``)],
    [
      ...parts.map(([name, key, scale]) => [name, ...order.map(one => spread(one.figures[key], scale))]),
      ['peak memory of all processes, MB', ...order.map(one => spread(one.figures.peakMemoryMb))],
      ['event loop delay p99 of the slowest service, ms', ...order.map(one => spread(one.figures.loopP99Ms))],
    ],
  )
}

/** CPU by process, of every contender. */
export const processTable = (summaries: readonly Summary[]): string => {
  const order = summaries.filter(({ trial }) => trial === 'order')
  const names = [...new Set(order.flatMap(({ cpuByProcess }) => Object.keys(cpuByProcess)))]
  return table(
    ['CPU ms/order', ...order.map(({ contender }) => `\`${contender}\``)],
    names.map(name => [name, ...order.map(({ cpuByProcess }) => spread(cpuByProcess[name]))]),
  )
}

const extras = ({ extra }: Summary) =>
  Object.entries(extra)
    .map(([name, value]) => `${name} ${spread(value)}`)
    .join(', ')

const refusals = ({ figures }: Summary) =>
  figures.refused && figures.refused.max > 0
    ? `refused ${spread(figures.refused)}, without \`Retry-After\` ${spread(figures.refusedWithoutHint)}`
    : ''

/** Everything that was done with this project. */
export const trialTable = (summaries: readonly Summary[]): string =>
  table(
    ['trial', ...rateAndCostHead, 'besides'],
    summaries
      .filter(({ contender }) => contender === 'saga')
      .map(one => [
        `\`${one.trial}\``,
        ...rateAndCost(one),
        [refusals(one), extras(one)].filter(Boolean).join('; '),
      ]),
  )

/** What each workload is. */
export const workloadTable = (): string =>
  table(
    ['workload', 'an order is'],
    Object.entries(workloads).map(([name, { about }]) => [`\`${name}\``, about]),
  )

/** Figures to reach, and where they stand. */
export const goalTable = (summaries: readonly Summary[]): string =>
  table(
    ['measurement', 'floor', 'goal', 'measured', ''],
    goalsOf(summaries).map(goal => [
      goal.figure,
      `${figure(goal.floor)} ${goal.unit}`,
      `${figure(goal.goal)} ${goal.unit}`,
      goal.measured === undefined ? '-' : `${figure(goal.measured)} ${goal.unit}`,
      standingOf(goal),
    ]),
  )
