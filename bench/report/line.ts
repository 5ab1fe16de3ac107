import type { Contender } from '../trials/run.ts'
import type { Results } from './results.ts'
import { find, type Summary, summariesOf } from './summary.ts'

const others = ['naive', 'limit', 'bullmq', 'dbos'] as const satisfies Contender[]

const round = (value: number) => Math.round(value * 100) / 100

const figures = ({
  ordersPerSecond,
  cpuMsPerOrder,
  cpuMsPerOrderWithoutStore,
  store,
  figures: more,
}: Summary) => ({
  ordersPerSecond: round(ordersPerSecond.median),
  cpuMsPerOrder: round(cpuMsPerOrder.median),
  cpuMsPerOrderWithoutStore: round(cpuMsPerOrderWithoutStore.median),
  ...(more.endP50 && { toEndP50Ms: more.endP50.median }),
  ...(more.endP99 && { toEndP99Ms: more.endP99.median }),
  store,
})

const notRun = (results: Results, contender: Contender) => ({
  ordersPerSecond: null,
  cpuMsPerOrder: null,
  notRun: results.notRun.find(({ what }) => what.startsWith(contender))?.why ?? 'it was not asked for',
})

const ratiosOf = (summaries: readonly Summary[]) => {
  const saga = find(summaries, 'saga')
  return Object.fromEntries(
    others.flatMap(name => {
      const other = find(summaries, name)
      if (!saga || !other) return []
      const rate = saga.ordersPerSecond.median / other.ordersPerSecond.median
      const cpu = saga.cpuMsPerOrder.median / other.cpuMsPerOrder.median
      return [[name, { ordersPerSecond: round(rate), cpuMsPerOrder: round(cpu) }]]
    }),
  )
}

const trialsOf = (summaries: readonly Summary[]) => {
  const order = find(summaries, 'saga')?.ordersPerSecond.median
  const rest = summaries.filter(({ contender, trial }) => contender === 'saga' && trial !== 'order')
  return Object.fromEntries(
    rest.map(one => [
      one.trial,
      {
        ...figures(one),
        ...(order && { ofOrder: round(one.ordersPerSecond.median / order) }),
        ...Object.fromEntries(Object.entries(one.extra).map(([name, { median }]) => [name, median])),
      },
    ]),
  )
}

/**
 * What `--json` ends with: medians of `order` by contender, the ratios of saga to the others, and its other
 * trials. Pure.
 */
export const jsonLine = (results: Results): string => {
  const summaries = summariesOf(results)
  const contenders = (['saga', ...others] as const).map(name => {
    const summary = find(summaries, name)
    return [name, summary ? figures(summary) : notRun(results, name)]
  })
  return JSON.stringify({
    ...Object.fromEntries(contenders),
    ratios: ratiosOf(summaries),
    trials: trialsOf(summaries),
    offences: results.runs.reduce((sum, { offences }) => sum + offences.length, 0),
    notRun: results.notRun,
    tookSeconds: results.tookSeconds,
  })
}
