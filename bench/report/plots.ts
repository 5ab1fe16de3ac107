import type { Spread } from '../quantiles.ts'
import type { Summary } from './summary.ts'
import { type Bar, barChart } from './svg.ts'

const bar = (name: string, of: string, { min, median, max }: Spread): Bar => ({
  ...{ name, parts: [{ of, value: median }] },
  ...(min < max && { span: [min, max] as const }),
})

const stacked = ({ contender, cpuByProcess }: Summary): Bar => ({
  name: contender,
  parts: Object.entries(cpuByProcess)
    .map(([of, { median }]) => ({ of, value: median }))
    .filter(({ value }) => value > 0),
})

const isClosed = ({ trial }: Summary) => !/^(latency|overload|drain|history)/.test(trial)

const latencies = (summaries: readonly Summary[]): Bar[] =>
  summaries
    .filter(({ trial }) => trial.startsWith('latency-'))
    .flatMap(({ trial, figures: { endP50, endP99 } }) => {
      const rate = `${trial.slice('latency-'.length)}/s`
      return [
        ...(endP50 ? [bar(`${rate} p50`, 'p50', endP50)] : []),
        ...(endP99 ? [bar(`${rate} p99`, 'p99', endP99)] : []),
      ]
    })

/** The plots of the page by file name; one that has nothing to show is left out. Pure. */
export const plotsOf = (summaries: readonly Summary[]): Record<string, string> => {
  const order = summaries.filter(({ trial }) => trial === 'order')
  const saga = summaries.filter(one => one.contender === 'saga' && isClosed(one))
  const rate = (name: string, one: Summary) => bar(name, 'orders/s', one.ordersPerSecond)
  const charts = {
    'rate.svg': {
      ...{ title: 'order: orders that ended', unit: 'a second; line: least to most' },
      bars: order.map(one => rate(one.contender, one)),
    },
    'cpu.svg': { title: 'order: CPU by process', unit: 'ms an order', bars: order.map(stacked) },
    'workloads.svg': {
      ...{ title: 'saga: orders that ended, by workload', unit: 'a second' },
      bars: saga.map(one => rate(one.trial, one)),
    },
    'latency.svg': {
      ...{ title: 'saga: from the intended submission to the end', unit: 'ms' },
      bars: latencies(summaries),
    },
  }
  return Object.fromEntries(
    Object.entries(charts).flatMap(([file, chart]) =>
      chart.bars.length > 0 ? [[file, barChart(chart)]] : [],
    ),
  )
}
