import { generate } from '../load/generate.ts'
import type { LoadResult, LoadSpec } from '../load/spec.ts'
import { tripleEvents } from '../load/triple.ts'
import { observe, type Used, usedBetween } from '../measure/observe.ts'
import { auditRun, snapshotBefore } from '../measure/totals.ts'
import { latencyOf } from '../quantiles.ts'
import type { HttpSystem } from '../systems/system.ts'
import { type Workload, type WorkloadName, workloadOf } from '../workloads.ts'
import type { Loop, Run } from './run.ts'

/** How a system is loaded. */
export type Offer = {
  readonly workload: WorkloadName
  readonly loop: Loop
  readonly seconds: number
  readonly orders?: number
  /** Of every how many orders the end is watched; by the kind of loop unless given. */
  readonly watchEvery?: number
  readonly settleSeconds: number
}

/** With what a measurement is made. */
export type Bench = { readonly system: HttpSystem; readonly signal: AbortSignal }

const watchedOfClosed = 50
const mostOffences = 20

const specOf = ({ system }: Bench, offer: Offer): Omit<LoadSpec, 'out'> => {
  const watchEvery = offer.watchEvery ?? watchedOfClosed
  return { ...offer, watchEvery, urls: system.urls, from: 0, awaitEnds: true }
}

/** Loads the system with a workload and waits for the ends; nothing is measured. */
export const warm = async (bench: Bench, offer: Offer): Promise<void> => {
  await generate(bench.system.folder, specOf(bench, offer), bench.signal)
}

const withCopies = async <T>({ system }: Bench, workload: Workload, task: () => Promise<T>): Promise<T> => {
  const { books } = system
  if (!workload.tripled || !books) return task()
  const copies = await tripleEvents(books.letters.amqpUrl)
  return task().finally(copies.stop)
}

const wrongWith = (load: LoadResult, offer: Offer, found: readonly string[]): string[] => [
  ...(load.stillOpen ? [`not everything had ended ${offer.settleSeconds} s after the last submission`] : []),
  ...(load.failed > 0 ? [`${load.failed} submissions failed`] : []),
  ...found.slice(0, mostOffences),
]

/** What the measurements of a run are when so much was used for what the generator saw. Pure. */
export const runOf = (
  system: Pick<HttpSystem, 'contender' | 'store'>,
  { trial, loop }: { trial: string; loop: Loop },
  load: LoadResult,
  used: Used,
): Omit<Run, 'offences'> => {
  const { accepted, refused, refusedWithoutHint, failed, submitMs, acceptedSeconds, endedSeconds } = load
  const toEndMs = latencyOf(load.watched.map(({ took }) => took))
  const round = (value: number) => Math.round(value * 10) / 10
  return {
    ...{ contender: system.contender, store: system.store, trial, loop, orders: accepted.length },
    ...{ refused, refusedWithoutHint, failed, seconds: round(endedSeconds), used },
    ordersPerSecond: round(accepted.length / endedSeconds),
    acceptedPerSecond: round(accepted.length / acceptedSeconds),
    ...(submitMs && { submitMs }),
    ...(toEndMs && { toEndMs }),
    generatorCpuMs: Math.round(load.cpuMs),
  }
}

/** One measured load with its audit; `during` may disturb the system meanwhile. */
export const measured = async (
  bench: Bench,
  offer: Offer,
  { trial = offer.workload, during }: { trial?: string; during?: () => Promise<void> } = {},
): Promise<{ run: Run; load: LoadResult }> => {
  const { system, signal } = bench
  const workload = workloadOf(offer.workload)
  const before = system.books && (await snapshotBefore(system.books))
  const start = await observe(system.places, 'before')
  const [load] = await withCopies(bench, workload, () =>
    Promise.all([generate(system.folder, specOf(bench, offer), signal), during?.()]),
  )
  const used = usedBetween(start, await observe(system.places, 'after'))
  const wrong =
    system.books && before
      ? await auditRun(system.books, before, {
          ...{ accepted: load.accepted, workload, disturbed: during !== undefined },
        })
      : []
  const found = wrong.map(({ about, what }) => `${about} ${what}`)
  const offences = wrongWith(load, offer, found)
  return { load, run: { ...runOf(system, { trial, loop: offer.loop }, load, used), offences } }
}
