import { type Sample, scrape, sumOf } from './prometheus.ts'

/**
 * How a Node process turned: delay of its event loop since the last look, and seconds of garbage collection
 * so far.
 */
export type Turning = { readonly loopP99Ms: number; readonly loopMaxMs: number; readonly gcMs: number }

const ms = (seconds: number | undefined) => Math.round((seconds ?? 0) * 10_000) / 10

/** What the default metrics of a Node process contain. Pure; undefined when they are not there. */
export const turningIn = (samples: readonly Sample[]): Turning | undefined => {
  const p99 = sumOf(samples, 'nodejs_eventloop_lag_p99_seconds')
  if (p99 === undefined) return undefined
  return {
    loopP99Ms: ms(p99),
    loopMaxMs: ms(sumOf(samples, 'nodejs_eventloop_lag_max_seconds')),
    gcMs: ms(sumOf(samples, 'nodejs_gc_duration_seconds_sum')),
  }
}

/**
 * Looks at the metrics of each process: `urls` by its name. Looking begins a new measurement of the delay.
 */
export const turningOf = async (urls: Readonly<Record<string, string>>): Promise<Record<string, Turning>> => {
  const looked = await Promise.all(
    Object.entries(urls).map(async ([name, url]) => [name, turningIn(await scrape(url))] as const),
  )
  return Object.fromEntries(looked.filter((one): one is [string, Turning] => one[1] !== undefined))
}
