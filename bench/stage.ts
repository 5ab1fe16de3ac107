import { SagaError } from '../shared/runtime/errors.ts'
import { usedBetween } from './measure/observe.ts'
import { isWorkload, type Sizes, type Stage } from './plan.ts'
import { latencyOf, spreadOf } from './quantiles.ts'
import { startLimit } from './systems/limit.ts'
import { startNaive } from './systems/naive.ts'
import { type PeerName, runPeer } from './systems/peers.ts'
import { startSaga } from './systems/saga.ts'
import type { HttpSystem } from './systems/system.ts'
import { drain } from './trials/drain.ts'
import { history } from './trials/history.ts'
import { type Bench, measured, type Offer, warm } from './trials/measured.ts'
import { overload } from './trials/overload.ts'
import type { Run } from './trials/run.ts'

/** What a stage needs of the bench. */
export type Stand = {
  readonly sizes: Sizes
  readonly callers: number
  readonly say: (line: string) => void
  readonly signal: AbortSignal
  /** Every run so far; a trial may go by earlier ones. */
  readonly runs: readonly Run[]
  /** Seconds that are left for everything. */
  readonly left: () => number
  readonly keep: (run: Run) => void
  readonly leaveOut: (what: string, why: string) => void
}

// What a run takes besides its own seconds: its start, its end, its audit.
const besidesSeconds = 20

const offerOf = ({ sizes, callers, left }: Stand, seconds: number): Offer => ({
  ...{ workload: 'order', loop: { callers }, seconds },
  settleSeconds: Math.max(10, Math.min(sizes.settleSeconds, left() - seconds - besidesSeconds)),
})

const medianOf = (runs: readonly Run[], trial: string, figure: (run: Run) => number | undefined) =>
  spreadOf(
    runs
      .filter(run => run.contender === 'saga' && run.trial === trial)
      .map(figure)
      .filter(value => value !== undefined),
  )?.median

const latency = async (bench: Bench, stand: Stand, trial: string): Promise<Run> => {
  const perSecond = Number(trial.split('-')[1])
  // Every fourth order at 20/s, every twentieth at 100/s: five watched ones a second.
  const watchEvery = Math.max(1, Math.round(perSecond / 5))
  const offer = { ...offerOf(stand, stand.sizes.latencySeconds), loop: { perSecond }, watchEvery }
  return (await measured(bench, offer, { trial })).run
}

/** The throughput of `order`; found by a run when there was none. */
const capacityOf = async (bench: Bench, stand: Stand): Promise<number> =>
  medianOf(stand.runs, 'order', run => run.ordersPerSecond) ??
  (await measured(bench, offerOf(stand, stand.sizes.seconds))).run.ordersPerSecond

const usualP99Of = async (bench: Bench, stand: Stand): Promise<number> =>
  medianOf(stand.runs, 'latency-20', run => run.toEndMs?.p99) ??
  (await latency(bench, stand, 'latency-20')).toEndMs?.p99 ??
  Number.POSITIVE_INFINITY

const runsOf = async (bench: Bench, stand: Stand, trial: string): Promise<Run[]> => {
  const { sizes } = stand
  const offer = offerOf(stand, sizes.seconds)
  if (isWorkload(trial)) return [(await measured(bench, { ...offer, workload: trial })).run]
  switch (trial) {
    case 'overload':
      return [await overload(bench, { ...offer, capacity: await capacityOf(bench, stand) })]
    case 'drain': {
      const [peak, usualP99] = [await capacityOf(bench, stand), await usualP99Of(bench, stand)]
      return [await drain(bench, { waiting: sizes.waiting, peak, usualP99 })]
    }
    case 'history':
      return history(bench, offer, sizes.history)
    default:
      return [await latency(bench, stand, trial)]
  }
}

const start = (stage: Stage, { say, signal }: Stand): Promise<HttpSystem> => {
  const quietly = (line: string) => say(`  ${line}`)
  const { stockUnits, instances } = stage
  switch (stage.contender) {
    case 'naive':
      return startNaive({ stockUnits, say: quietly })
    case 'limit':
      return startLimit({ say: quietly })
    default:
      return startSaga({ stockUnits, instances, say: quietly, signal })
  }
}

const tell = ({ say }: Stand, run: Run) => {
  const cpu = Object.values(run.used.cpuMs).reduce((sum, ms) => sum + ms, 0) / run.orders
  const p99 = run.toEndMs ? `, to the end p50 ${run.toEndMs.p50} p99 ${run.toEndMs.p99} ms` : ''
  say(
    `${run.contender} ${run.trial}: ${run.ordersPerSecond} orders/s, ${cpu.toFixed(2)} ms CPU an order${p99}`,
  )
  for (const offence of run.offences) say(`  WRONG: ${offence}`)
}

const keepAll = (stand: Stand, runs: readonly Run[]) => {
  for (const run of runs) {
    stand.keep(run)
    tell(stand, run)
  }
}

const httpStage = async (stage: Stage, stand: Stand): Promise<void> => {
  const system = await start(stage, stand)
  const bench = { system, signal: stand.signal }
  try {
    await warm(bench, offerOf(stand, stand.sizes.warmSeconds))
    for (const trial of stage.trials) {
      stand.signal.throwIfAborted()
      if (stand.left() < stand.sizes.seconds + besidesSeconds)
        stand.leaveOut(`${stage.contender} ${trial}`, 'no time was left')
      else keepAll(stand, await runsOf(bench, stand, trial))
    }
  } finally {
    await system.stop()
  }
}

const peerStage = async (name: PeerName, stand: Stand): Promise<void> => {
  const { seconds, warmSeconds } = stand.sizes
  const { result, before, after } = await runPeer(name, { seconds, warmSeconds }, stand.say, stand.signal)
  const toEndMs = latencyOf(result.took)
  const perSecond = Math.round((result.orders / result.seconds) * 10) / 10
  const missing = result.orders - result.confirmed - result.rejected
  const run: Run = {
    ...{ contender: name, trial: 'order', loop: { callers: 0 }, orders: result.orders },
    ...{ store: name === 'dbos' ? 'PostgreSQL' : 'Redis', refused: 0, refusedWithoutHint: 0, failed: 0 },
    ...{ seconds: result.seconds, ordersPerSecond: perSecond, acceptedPerSecond: perSecond },
    ...(toEndMs && { toEndMs }),
    ...{ used: usedBetween(before, after), generatorCpuMs: 0 },
    offences: missing === 0 ? [] : [`${missing} orders have not ended`],
  }
  keepAll(stand, [run])
}

const isPeer = (contender: string): contender is PeerName => contender === 'bullmq' || contender === 'dbos'

/** Does everything of one stage. What cannot be had here is left out, and it is said why. */
export const runStage = async (stage: Stage, stand: Stand): Promise<void> => {
  const { contender } = stage
  stand.say(`== ${contender}: ${stage.trials.join(', ')}`)
  if (!isPeer(contender)) return httpStage(stage, stand)
  try {
    await peerStage(contender, stand)
  } catch (error) {
    if (!(error instanceof SagaError && error.code === 'install-failed')) throw error
    stand.leaveOut(contender, error.message)
  }
}
