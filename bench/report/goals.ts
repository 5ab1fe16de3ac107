import type { Contender } from '../trials/run.ts'
import { find, type Summary } from './summary.ts'

/** One goal: `measured` is undefined when it was not measured. */
export type Goal = {
  readonly figure: string
  readonly unit: string
  readonly floor: number
  readonly goal: number
  readonly measured: number | undefined
  readonly better: 'less' | 'more'
}

/** Where a figure stands. */
export type Standing = 'goal reached' | 'floor reached' | 'below the floor' | 'not measured'

/** Where a figure stands. Pure. */
export const standingOf = ({ floor, goal, measured, better }: Goal): Standing => {
  if (measured === undefined) return 'not measured'
  const reaches = (bound: number) => (better === 'less' ? measured <= bound : measured >= bound)
  if (reaches(goal)) return 'goal reached'
  return reaches(floor) ? 'floor reached' : 'below the floor'
}

type Bounds = readonly [floor: number, goal: number]

/** How many times as many orders a second as another contender, or as `order` itself, in the same bench. */
const timesOf = (
  figure: string,
  bounds: Bounds,
  one: Summary | undefined,
  other: Summary | undefined,
): Goal => ({
  ...{ figure, unit: 'x', floor: bounds[0], goal: bounds[1], better: 'more' },
  measured: one && other ? one.ordersPerSecond.median / other.ordersPerSecond.median : undefined,
})

const atMost = (figure: string, unit: string, bounds: Bounds, measured: number | undefined): Goal => ({
  ...{ figure, unit, floor: bounds[0], goal: bounds[1], measured, better: 'less' },
})

const atLeast = (figure: string, bound: number, measured: number | undefined): Goal => ({
  ...{ figure, unit: 'x', floor: bound, goal: bound, measured, better: 'more' },
})

/**
 * KB that the store wrote to the disk for an order before any of this was made faster, measured by this
 * bench.
 */
const writtenBefore = 27

const manyStored = (summaries: readonly Summary[]) =>
  summaries.filter(({ trial }) => trial.startsWith('history-')).at(-1)

const memoryRatio = (many: Summary | undefined, few: Summary | undefined): number | undefined => {
  const [after, before] = [many?.extra.servicesMb?.median, few?.extra.servicesMb?.median]
  return after === undefined || before === undefined ? undefined : after / before
}

const againstOthers = (summaries: readonly Summary[], saga: Summary | undefined): Goal[] => {
  const bounds: readonly (readonly [Contender, Bounds])[] = [
    ['bullmq', [0.5, 1.5]],
    ['dbos', [3, 10]],
    ['naive', [4, 10]],
    ['limit', [0.35, 0.6]],
  ]
  return bounds.map(([name, bound]) =>
    timesOf(`orders/s against ${name}`, bound, saga, find(summaries, name)),
  )
}

const atRate = (summaries: readonly Summary[], rate: number): Goal[] => {
  const { figures } = find(summaries, 'saga', `latency-${rate}`) ?? {}
  return [
    atMost(`to the end at ${rate}/s offered, p50`, 'ms', [40, 10], figures?.endP50?.median),
    atMost(`to the end at ${rate}/s offered, p99`, 'ms', [150, 30], figures?.endP99?.median),
  ]
}

/** Every goal, with what was measured. Pure. */
export const goalsOf = (summaries: readonly Summary[]): Goal[] => {
  const trial = (name: string) => find(summaries, 'saga', name)
  const [order, overload, drain] = [trial('order'), trial('overload'), trial('drain')]
  const [few, many] = [trial('history-2000'), manyStored(summaries)]
  return [
    atMost('CPU of `order` at saturation', 'ms an order', [3, 1], order?.cpuMsPerOrder.median),
    ...againstOthers(summaries, order),
    ...[20, 100].flatMap(rate => atRate(summaries, rate)),
    atMost('CPU at 20/s offered', 'ms an order', [15, 5], trial('latency-20')?.cpuMsPerOrder.median),
    ...['hot', 'undo', 'stocked'].map(name =>
      timesOf(`orders/s of \`${name}\` against \`order\``, [0.6, 0.8], trial(name), order),
    ),
    timesOf('orders/s with many orders stored against 2,000', [0.85, 0.95], many, few),
    atMost('memory of the services then, against 2,000', 'x', [1.3, 1.1], memoryRatio(many, few)),
    atMost(
      'written to disk by the store, of `order`',
      'KB an order',
      [writtenBefore / 4, writtenBefore / 10],
      order?.figures.storeWrittenBytes && order.figures.storeWrittenBytes.median / 1_024,
    ),
    atLeast('goodput under 3 times the capacity', 0.9, overload?.extra.goodputOfCapacity?.median),
    atMost(
      'to the end of what is accepted then, p99',
      'ms',
      [2_000, 2_000],
      overload?.figures.endP99?.median,
    ),
    atLeast('drained after an outage, against the peak', 0.8, drain?.extra.drainedOfPeak?.median),
    atMost('new orders as fast as usual after it', 's', [60, 60], drain?.extra.normalAfterSeconds?.median),
  ]
}
