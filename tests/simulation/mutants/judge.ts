import type { Found } from '../explore/explore.ts'
import { processes } from '../explore/fleet.ts'
import { runWorker } from '../explore/workers.ts'
import type { Mutant } from './mutant.ts'
import { mutated } from './mutate.ts'

/** What became of a mutant: the schedule that showed that its rule is missing, or none within the limit. */
export type Verdict = {
  readonly mutant: Mutant
  readonly killedAt: number | undefined
  readonly found: Found | undefined
}

/**
 * Seeds from `seed` on, at most `limit` of them for each mutant; `shorten` makes what they show as short as
 * can be.
 */
export type Court = { readonly seed: number; readonly limit: number; readonly shorten: boolean }

/** Enough to see that a rule which is not needed is not: more would tell nothing new. */
const toleratedLimit = 500

/**
 * Plays schedules over each mutant until one fails, on both cores; the verdicts come in the order of the
 * mutants.
 */
export const judgeAll = async (
  chosen: readonly Mutant[],
  court: Court,
  onVerdict: (verdict: Verdict) => void = () => {},
): Promise<readonly Verdict[]> => {
  const left = [...chosen]
  const verdicts = new Map<Mutant, Verdict>()
  const take = async () => {
    for (let mutant = left.shift(); mutant; mutant = left.shift()) {
      const verdict = await judge(mutant, court)
      verdicts.set(mutant, verdict)
      onVerdict(verdict)
    }
  }
  await Promise.all(Array.from({ length: processes }, take))
  return chosen.flatMap(mutant => verdicts.get(mutant) ?? [])
}

const judge = async (mutant: Mutant, { seed, limit, shorten }: Court): Promise<Verdict> => {
  const { folder, remove } = mutated(mutant)
  let verdict: Verdict = { mutant, killedAt: undefined, found: undefined }
  const count = mutant.tolerated === undefined ? limit : Math.min(limit, toleratedLimit)
  const job = { folder, from: seed, step: 1, count, seconds: 3_600, stopAtFirst: true, shorten }
  const onReport: Parameters<typeof runWorker>[1] = report => {
    if (report.kind === 'found') verdict = { mutant, killedAt: report.nth, found: report.found }
  }
  await runWorker(job, onReport).finally(remove)
  return verdict
}
