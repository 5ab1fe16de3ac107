import { errorFields } from '../../runtime/telemetry/failure-log.ts'
import type { Clock } from '../../runtime/time/clock.ts'
import type { Recovery } from '../recovery/recovery.ts'
import type { Alarm } from './alarms.ts'
import { bySource, sourceText } from './in-force.ts'
import { type LiveTopology, readTopology } from './live-topology.ts'
import { type MetricOptions, publishMetrics, warn } from './look-metrics.ts'
import type { TopologyPlan } from './plan.ts'
import type { BrokerView } from './queue-readings.ts'
import { reportNew } from './report-new.ts'
import { applyTopology, planForVhost, type VhostPlan } from './topology.ts'

export type WatchOptions = BrokerView &
  MetricOptions & {
    readonly recovery: Recovery
    readonly clock: Clock
  }

/** Compares a broker with what is declared, again and again. */
export type TopologyWatch = {
  /**
   * Looks once, repairs what is missing, sends again what was missed by it, and says what it found. Never
   * throws; a failed look is logged.
   */
  look(): Promise<void>
  /** True when the last look succeeded. */
  readonly sees: boolean
  readonly alarms: readonly Alarm[]
}

type State = {
  sees: boolean
  alarms: readonly Alarm[]
  /** What was said of our own things, and of others. */
  told: ReadonlySet<string>
  strangers: ReadonlySet<string>
}

export const topologyWatch = (options: WatchOptions): TopologyWatch => {
  const state: State = { sees: false, alarms: [], told: new Set(), strangers: new Set() }
  const look = async () => {
    try {
      await lookOnce(options, state)
    } catch (error) {
      state.sees = false
      options.gauges.add('choreo_topology_rounds_failed_total', 1)
      options.log.warn('the broker could not be looked at', errorFields(error))
    }
  }
  return {
    look,
    get sees() {
      return state.sees
    },
    get alarms() {
      return state.alarms
    },
  }
}

const lookOnce = async (options: WatchOptions, state: State): Promise<void> => {
  const { declared, clock, recovery } = options
  const lookedAt = clock.now()
  const found = await readTopology(options, declared.vhost)
  const plan = planForVhost(declared.definitions, found)
  // Before the repair, for one whose answer is lost leaves nothing to be seen.
  recovery.missed(plan.missing, lookedAt)
  const isMended = await mend(options, plan)
  const live = isMended ? await readTopology(options, declared.vhost) : found
  const unrouted = say(options, state, live)
  state.sees = true
  await recovery.recover(unrouted, lookedAt)
}

/** Whether there was anything to repair. */
const mend = async ({ api, clock, gauges, log }: WatchOptions, plan: VhostPlan): Promise<boolean> => {
  const { repaired, raised } = await applyTopology(api, plan, clock)
  for (const { kind, name } of repaired) log.warn('declared again what was missing', { kind, name })
  for (const { kind, name } of raised) log.warn('raised above a policy of others', { kind, name })
  gauges.add('choreo_topology_repairs_total', repaired.length + raised.length)
  return repaired.length + raised.length > 0
}

/** Says and publishes how the broker is now; returns how many messages no inbox takes, if that is known. */
const say = (options: WatchOptions, state: State, live: LiveTopology): number | undefined => {
  const { log, declared, gauges } = options
  const plan = planForVhost(declared.definitions, live)
  const readings = publishMetrics(options, plan, live)
  state.told = reportNew(log.warn, state.told, [
    ...findingsOf(plan),
    ...readings.foreign.map(one => ({
      ...{ message: 'takes our events, and nobody here declares it', kind: 'queue', name: one.name },
      live: one.events.join(', '),
    })),
  ])
  state.strangers = reportNew(
    log.info,
    state.strangers,
    plan.extra.map(({ kind, name }) => ({ message: 'not declared by us, left alone', kind, name })),
  )
  state.alarms = warn(options, readings, state.alarms)
  gauges.set('choreo_topology_missing', plan.missing.length)
  gauges.set('choreo_topology_different', plan.different.length)
  return readings.unrouted
}

const findingsOf = ({ missing, different, notInForce }: VhostPlan) => [
  // The rights of a user go with it.
  ...missing
    .filter(({ kind }) => kind === 'user')
    .map(({ kind, name }) => ({ message: 'missing, and cannot be repaired from here', kind, name })),
  ...different.map(one => ({ message: 'other than declared', ...aboutOf(one) })),
  ...bySource(notInForce).map(one => ({
    ...{ message: 'in force, and other than promised', ...one.source, live: sourceText(one) },
  })),
]

const aboutOf = ({ kind, name, field, declared, live }: TopologyPlan['different'][number]) => ({
  ...{ kind, name, field },
  ...{ declared: JSON.stringify(declared) ?? 'nothing', live: JSON.stringify(live) ?? 'nothing' },
})
