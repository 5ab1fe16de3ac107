import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { backAgain, pidOf } from '../../harness/kill-process.ts'
import { fetchDirectly } from '../../shared/runtime/http/direct-fetch.ts'
import { sleep, systemClock } from '../../shared/runtime/time/clock.ts'
import { generate } from '../load/generate.ts'
import type { LoadResult } from '../load/spec.ts'
import { observe, usedBetween } from '../measure/observe.ts'
import { auditRun, snapshotBefore } from '../measure/totals.ts'
import { quantile } from '../quantiles.ts'
import { workloadOf } from '../workloads.ts'
import { type Bench, runOf } from './measured.ts'
import type { Run } from './run.ts'

const stopped = 'payment'
const [callers, freshPerSecond, windowMs] = [50, 20, 1_000]
const [fillWithinSeconds, longestSeconds] = [300, 600]
/** New orders are as fast as usual once the 99th percentile of a second is below twice the usual one. */
const normal = 2

type Options = {
  /** Orders that wait when the service comes back. */
  readonly waiting: number
  /** The throughput at saturation, in orders/s, and the usual 99th percentile of the way to the end (ms). */
  readonly peak: number
  readonly usualP99: number
}

/**
 * When new orders are as fast as usual again, in ms after the service was back: the begin of the first second
 * from which on all are. `watched` are their due times and ways to the end. Pure.
 */
export const normalFrom = (
  watched: readonly { due: number; took: number }[],
  { backAt, bound }: { backAt: number; bound: number },
): number | undefined => {
  const windows = new Map<number, number[]>()
  for (const { due, took } of watched) {
    const window = Math.floor((due - backAt) / windowMs)
    if (window >= 0) windows.set(window, [...(windows.get(window) ?? []), took])
  }
  const isNormal = (window: number) => quantile(windows.get(window) ?? [], 0.99) <= bound
  const inOrder = [...windows.keys()].toSorted((a, b) => a - b)
  const lastSlow = inOrder.findLast(window => !isNormal(window))
  const first = inOrder.find(window => lastSlow === undefined || window > lastSlow)
  return first === undefined ? undefined : first * windowMs
}

const offerOf = (bench: Bench, part: { from: number; seconds: number }) => ({
  ...{ urls: bench.system.urls, workload: 'order' as const, settleSeconds: longestSeconds },
  ...part,
})

/** Orders that come while the service stands still; fewer when the API takes no more. */
const fill = (bench: Bench, orders: number): Promise<LoadResult> =>
  generate(
    bench.system.folder,
    {
      ...offerOf(bench, { from: 0, seconds: fillWithinSeconds }),
      ...{ orders, loop: { callers }, watchEvery: Number.MAX_SAFE_INTEGER, awaitEnds: false },
    },
    bench.signal,
  )

const untilSettled = async (bench: Bench, waiting: readonly { orderId: string }[]): Promise<number> => {
  const last = waiting.at(-1)?.orderId
  for (;;) {
    const answer = await fetchDirectly(`${bench.system.urls[0]}/orders/${last}`)
    const { status } = (await answer.json()) as { status?: string }
    if (status !== 'placed') return systemClock.now()
    if (bench.signal.aborted) throw bench.signal.reason
    await sleep(systemClock, 50)
  }
}

/** Stops the service until so many orders wait, and kills what is stopped, so that it is started anew. */
const outage = async (bench: Bench, orders: number): Promise<{ load: LoadResult; backAt: number }> => {
  const { folder } = bench.system
  const pid = pidOf(folder, stopped)
  process.kill(pid, 'SIGSTOP')
  try {
    const load = await fill(bench, orders)
    process.kill(pid, 'SIGKILL')
    await backAgain(folder, stopped, pid)
    return { load, backAt: systemClock.now() }
  } catch (error) {
    process.kill(pid, 'SIGKILL')
    throw error
  }
}

/**
 * One service stands still while orders come; then it is started again, while new orders come at 20 a second.
 */
export const drain = async (bench: Bench, options: Options): Promise<Run> => {
  const { system, signal } = bench
  if (!system.books) throw new Error('only what keeps books can be drained')
  const before = await snapshotBefore(system.books)
  const start = await observe(system.places, 'before')
  const { load, backAt } = await outage(bench, options.waiting)
  const stopFile = join(system.folder, 'drained')
  const loop = { perSecond: freshPerSecond }
  const fresh = generate(
    system.folder,
    {
      ...offerOf(bench, { from: load.accepted.length, seconds: longestSeconds }),
      ...{ loop, stopFile, watchEvery: 1, awaitEnds: true },
    },
    signal,
  )
  const drainedAt = await untilSettled(bench, load.accepted)
  // So long again for the new orders to become as fast as usual.
  await sleep(systemClock, Math.max(5_000, drainedAt - backAt))
  writeFileSync(stopFile, '')
  const after = await fresh
  const used = usedBetween(start, await observe(system.places, 'after'))
  const accepted = [...load.accepted, ...after.accepted]
  const workload = workloadOf('order')
  const wrong = await auditRun(system.books, before, { accepted, workload, disturbed: true })
  const drainSeconds = Math.max(0.001, (drainedAt - backAt) / 1_000)
  const bound = options.usualP99 * normal
  const settled = normalFrom(after.watched, { backAt: backAt - after.beganAt, bound })
  const both = { ...after, accepted, endedSeconds: after.endedSeconds + load.acceptedSeconds }
  return {
    ...runOf(system, { trial: 'drain', loop }, both, used),
    offences: wrong.map(({ about, what }) => `${about} ${what}`),
    extra: {
      waiting: load.accepted.length,
      drainSeconds,
      drainedPerSecond: Math.round(load.accepted.length / drainSeconds),
      drainedOfPeak: Math.round((load.accepted.length / drainSeconds / options.peak) * 100) / 100,
      ...(settled !== undefined && { normalAfterSeconds: settled / 1_000 }),
    },
  }
}
