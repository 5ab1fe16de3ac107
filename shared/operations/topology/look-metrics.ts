import type { Names } from '../../contract/names.ts'
import type { Log } from '../../runtime/telemetry/log.ts'
import {
  type Alarm,
  type AlarmInput,
  alarmsOf,
  changedAlarms,
  raisedBy,
  readingsOf,
  type SagaReading,
} from './alarms.ts'
import { type FillReading, fillLevels, fillsOf } from './fill.ts'
import { type ForeignQueue, foreignQueues, isTrouble } from './foreign-queues.ts'
import type { Gauges } from './gauges.ts'
import type { LiveTopology } from './live-topology.ts'
import type { DeclaredTopology, VhostPlan } from './topology.ts'

/** What the figures and alarms of a look rest on. */
export type MetricOptions = {
  readonly names: Names
  readonly declared: DeclaredTopology
  /** Those with an inbox. */
  readonly services: readonly string[]
  /** How many dead letters a service may have without an alarm. */
  readonly deadLetterAlarm: number
  readonly gauges: Gauges
  readonly log: Log
}

/** How the queues of the saga are, and what of others there is. */
export type LookReading = SagaReading & {
  /** How many settings take a promise away. */
  readonly notInForce: number
  /** Queues that refuse what is published when they are full, and how full they are. */
  readonly fills: readonly FillReading[]
  /** Queues of others that take our events and do, or may do, harm. */
  readonly foreign: readonly ForeignQueue[]
}

/** Publishes the figures of a look, and returns them. */
export const publishMetrics = (
  { names, services, gauges, declared }: MetricOptions,
  plan: VhostPlan,
  live: LiveTopology,
): LookReading => {
  const readings = readingsOf(names, services, live.queues)
  const others = foreignQueues(names, declared.definitions, live)
  const fills = refusing(declared, live, others)
  publishFills(gauges, fills)
  const foreign = others.filter(isTrouble)
  gauges.set('choreo_foreign_queues', foreign.length)
  const notInForce = plan.notInForce.filter(({ promise }) => promise !== undefined).length
  publish(gauges, readings)
  gauges.set('choreo_settings_not_in_force', notInForce)
  return { ...readings, notInForce, fills, foreign }
}

/** Of ours and of others that take our events: those that can make a publisher fail. Pure. */
export const refusing = (
  { definitions: { queues = [] } }: DeclaredTopology,
  live: LiveTopology,
  others: readonly ForeignQueue[],
): readonly FillReading[] => {
  const concerned = new Set(
    [...queues, ...others.filter(one => one.events.length > 0)].map(({ name }) => name),
  )
  return fillsOf(live).filter(({ queue, refuses }) => refuses && concerned.has(queue))
}

const publishFills = (gauges: Gauges, fills: readonly FillReading[]): void => {
  gauges.clear('choreo_queue_fill')
  for (const { queue, share } of fills)
    if (share !== undefined) gauges.set('choreo_queue_fill', share, { queue })
}

/** Says which alarms begin and end, and returns those that are raised by now. */
export const warn = (
  { log, deadLetterAlarm }: MetricOptions,
  readings: LookReading,
  before: readonly Alarm[],
): readonly Alarm[] => {
  const settings = {
    name: 'settings in force that take a promise away',
    count: readings.notInForce,
    limit: 0,
  }
  const others = { name: 'queues of others that take our events', count: readings.foreign.length, limit: 0 }
  const inputs = [settings, others, ...readings.fills.flatMap(fillInputs)]
  const alarms = [...alarmsOf(readings, deadLetterAlarm, before), ...raisedBy(inputs, before)]
  const { raised, cleared } = changedAlarms(before, alarms)
  for (const { name, count, limit } of raised) log.error('alarm', { name, count, limit })
  for (const { name } of cleared) log.info('alarm cleared', { name })
  return alarms
}

/** In per cent of the limit. */
const fillInputs = ({ queue, share }: FillReading): readonly AlarmInput[] =>
  Object.values(fillLevels).map(level => {
    const limit = level * 100
    const count = share === undefined ? undefined : Math.ceil(share * 100)
    return { name: `${queue} above ${limit} % of its limit`, count, limit }
  })

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
