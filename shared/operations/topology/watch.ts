import type { Names } from '../../contract/names.ts'
import { codeOf } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/telemetry/log.ts'
import type { Clock } from '../../runtime/time/clock.ts'
import type { Recovery } from '../recovery/recovery.ts'
import { type Alarm, alarmsOf, changedAlarms, readingsOf, type SagaReading } from './alarms.ts'
import type { Gauges } from './gauges.ts'
import { readTopology } from './live-topology.ts'
import type { TopologyPlan } from './plan.ts'
import type { BrokerView, QueueReading } from './queue-readings.ts'
import { applyTopology, type DeclaredTopology, planForVhost } from './topology.ts'

export type WatchOptions = BrokerView & {
  readonly names: Names
  readonly declared: DeclaredTopology
  /** Those with an inbox. */
  readonly services: readonly string[]
  /** How many dead letters a service may have without an alarm. */
  readonly deadLetterAlarm: number
  readonly recovery: Recovery
  readonly clock: Clock
  readonly gauges: Gauges
  readonly log: Log
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
      options.log.warn('the broker could not be looked at', { code: codeOf(error) })
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
  const { definitions, queues } = await readTopology(options, declared.vhost)
  const plan = planForVhost(declared.definitions, definitions)
  // Before the repair, for one whose answer is lost leaves nothing to be seen.
  recovery.missed(plan.missing, lookedAt)
  await mend(options, state, plan)
  const unrouted = warn(options, state, queues)
  state.sees = true
  await recovery.recover(unrouted, lookedAt)
}

const mend = async (options: WatchOptions, state: State, plan: TopologyPlan): Promise<void> => {
  const { api, clock, gauges, log } = options
  const { repaired, left } = await applyTopology(api, plan, clock)
  for (const { kind, name } of repaired) log.warn('declared again what was missing', { kind, name })
  gauges.add('choreo_topology_repairs_total', repaired.length)
  gauges.set('choreo_topology_missing', left.length)
  gauges.set('choreo_topology_different', plan.different.length)
  state.told = tell(log.warn, state.told, [
    // The rights of a user go with it.
    ...left
      .filter(({ kind }) => kind === 'user')
      .map(({ kind, name }) => ({ message: 'missing, and cannot be repaired from here', kind, name })),
    ...plan.different.map(one => ({ message: 'other than declared', ...aboutOf(one) })),
  ])
  state.strangers = tell(
    log.info,
    state.strangers,
    plan.extra.map(({ kind, name }) => ({ message: 'not declared by us, left alone', kind, name })),
  )
}

const aboutOf = ({ kind, name, field, declared, live }: TopologyPlan['different'][number]) => ({
  ...{ kind, name, field },
  ...{ declared: JSON.stringify(declared) ?? 'nothing', live: JSON.stringify(live) ?? 'nothing' },
})

type Finding = { readonly message: string; readonly kind: string; readonly name: string }

/** Each finding is said when it is new, not at every look. */
const tell = (
  say: Log['warn'],
  told: ReadonlySet<string>,
  findings: readonly Finding[],
): ReadonlySet<string> => {
  const keys = findings.map(finding => JSON.stringify(finding))
  for (const [i, { message, ...about }] of findings.entries())
    if (!told.has(keys[i] ?? '')) say(message, about)
  return new Set(keys)
}

/** Returns how many messages no inbox takes, if that is known. */
const warn = (options: WatchOptions, state: State, queues: readonly QueueReading[]): number | undefined => {
  const { names, gauges, log, services, deadLetterAlarm } = options
  const readings = readingsOf(names, services, queues)
  publish(gauges, readings)
  const alarms = alarmsOf(readings, deadLetterAlarm, state.alarms)
  const { raised, cleared } = changedAlarms(state.alarms, alarms)
  for (const { name, count, limit } of raised) log.error('alarm', { alarm: name, count, limit })
  for (const { name } of cleared) log.info('alarm cleared', { alarm: name })
  state.alarms = alarms
  return readings.unrouted
}

/** What is not there or not known has no figure, rather than its last one. */
const told = [
  'choreo_dead_letters',
  'choreo_inbox_ready',
  'choreo_inbox_consumers',
  'choreo_unrouted',
] as const

const publish = (gauges: Gauges, { services, unrouted, unknown }: SagaReading): void => {
  for (const name of told) gauges.clear(name)
  gauges.set('choreo_broker_figures_unknown', unknown.length)
  if (unrouted !== undefined) gauges.set('choreo_unrouted', unrouted)
  for (const { service, deadLetters, inboxReady, inboxConsumers } of services) {
    if (deadLetters !== undefined) gauges.set('choreo_dead_letters', deadLetters, { service })
    if (inboxReady !== undefined) gauges.set('choreo_inbox_ready', inboxReady, { service })
    if (inboxConsumers !== undefined) gauges.set('choreo_inbox_consumers', inboxConsumers, { service })
  }
}
