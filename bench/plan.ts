import type { Options } from './options.ts'
import type { Contender } from './trials/run.ts'
import { type Needs, needsOf, type WorkloadName, workloadOf, workloads } from './workloads.ts'

/** One contender that is started once, and what is done with it in a row. */
export type Stage = Needs & {
  readonly contender: Contender
  readonly trials: readonly string[]
}

/** True for the name of a workload, which is run in a closed loop. */
export const isWorkload = (trial: string): trial is WorkloadName => Object.hasOwn(workloads, trial)

const needsOfTrial = (trial: string): Needs => needsOf(workloadOf(isWorkload(trial) ? trial : 'order'))
const usual = needsOfTrial('order')

/** The memory of `history` is compared, so nothing may have run before it. */
const needsOwnSystem = (trial: string) => {
  const { stockUnits, instances } = needsOfTrial(trial)
  return trial === 'history' || stockUnits !== usual.stockUnits || instances !== usual.instances
}

const stagesOfSaga = (trials: readonly string[]): Stage[] => {
  const together = trials.filter(trial => !needsOwnSystem(trial))
  const apart = trials.filter(needsOwnSystem)
  return [...(together.length > 0 ? [together] : []), ...apart.map(trial => [trial])].map(some => ({
    ...{ contender: 'saga' as const, trials: some, ...needsOfTrial(some[0] ?? 'order') },
  }))
}

/** What is done in one repeat, in its order: the others run `order` alone, to be held against it. Pure. */
export const stagesOf = ({ contenders, trials }: Options): Stage[] =>
  contenders.flatMap(contender => {
    if (contender === 'saga') return stagesOfSaga(trials)
    const some = trials.includes('order') ? ['order'] : []
    return some.length > 0 ? [{ contender, trials: some, ...usual }] : []
  })

/** How long the parts of a run take, in seconds, and how large the long ones are. */
export type Sizes = {
  readonly warmSeconds: number
  readonly seconds: number
  readonly latencySeconds: number
  readonly settleSeconds: number
  readonly waiting: number
  readonly history: { readonly few: number; readonly many: number }
  /** All of it ends within so many seconds, if need be by leaving out what comes last. */
  readonly withinSeconds: number
}

const fewStored = 2_000

/** The sizes of a bench with these options. Pure. */
export const sizesOf = ({ quick, full, seconds }: Options): Sizes => ({
  warmSeconds: quick ? 3 : 6,
  seconds,
  latencySeconds: quick ? 8 : 2 * seconds,
  settleSeconds: quick ? 45 : 600,
  waiting: full ? 50_000 : 5_000,
  history: { few: fewStored, many: full ? 200_000 : 20_000 },
  withinSeconds: quick ? 265 : Number.POSITIVE_INFINITY,
})
