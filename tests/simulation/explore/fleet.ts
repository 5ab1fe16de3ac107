import type { Found } from './explore.ts'
import { runWorker } from './workers.ts'

export const processes = 2

/** What to play: `schedules` seeds from `seed` on, until `seconds` are over. */
export type Campaign = {
  /** Where the compiled code is. */
  readonly folder: string
  readonly seed: number
  readonly schedules: number
  readonly seconds: number
  readonly stopAtFirst: boolean
}

export type Sums = {
  schedules: number
  steps: number
  violations: number
  readonly sometimes: Map<string, number>
}

type Listener = { onFound(found: Found): void; onProgress?(schedules: number, steps: number): void }

/** Plays schedules on both cores; resolves with the sums of all. */
export const playMany = async (campaign: Campaign, listener: Listener): Promise<Sums> => {
  const done = Array.from({ length: processes }, () => ({ schedules: 0, steps: 0 }))
  const play = (n: number) =>
    runWorker(jobOf(campaign, n), report => {
      if (report.kind === 'found' && report.found) listener.onFound(report.found)
      if (report.kind !== 'progress') return
      done[n] = report
      listener.onProgress?.(sum(done, 'schedules'), sum(done, 'steps'))
    })
  const ends = await Promise.all(done.map((_, n) => play(n)))
  const sometimes = new Map<string, number>()
  for (const end of ends)
    for (const [what, count] of Object.entries(end.sometimes))
      sometimes.set(what, (sometimes.get(what) ?? 0) + count)
  return {
    schedules: sum(ends, 'schedules'),
    steps: sum(ends, 'steps'),
    violations: sum(ends, 'violations'),
    sometimes,
  }
}

const jobOf = ({ folder, seed, schedules, seconds, stopAtFirst }: Campaign, n: number) => ({
  folder,
  from: seed + n,
  step: processes,
  count: Math.ceil((schedules - n) / processes),
  seconds,
  stopAtFirst,
  shorten: true,
})

const sum = <K extends string>(all: readonly Readonly<Record<K, number>>[], name: K): number =>
  all.reduce((total, one) => total + one[name], 0)
