import type { Names } from '../../contract/names.ts'
import type { Log } from '../../runtime/telemetry/log.ts'
import { type Alarm, alarmsOf, changedAlarms, raisedBy, readingsOf, type SagaReading } from './alarms.ts'
import type { Gauges } from './gauges.ts'
import type { QueueReading } from './queue-readings.ts'
import type { VhostPlan } from './topology.ts'

/** What the figures and alarms of a look rest on. */
export type FigureOptions = {
  readonly names: Names
  /** Those with an inbox. */
  readonly services: readonly string[]
  /** How many dead letters a service may have without an alarm. */
  readonly deadLetterAlarm: number
  readonly gauges: Gauges
  readonly log: Log
}

/** How the queues of the saga are, and how many settings take a promise away. */
export type LookReading = SagaReading & { readonly notInForce: number }

/** Publishes the figures of a look, and returns them. */
export const publishFigures = (
  { names, services, gauges }: FigureOptions,
  plan: VhostPlan,
  queues: readonly QueueReading[],
): LookReading => {
  const readings = readingsOf(names, services, queues)
  const notInForce = plan.notInForce.filter(({ grave }) => grave).length
  publish(gauges, readings)
  gauges.set('choreo_settings_not_in_force', notInForce)
  return { ...readings, notInForce }
}

/** Says which alarms begin and end, and returns those that are raised by now. */
export const warn = (
  { log, deadLetterAlarm }: FigureOptions,
  readings: LookReading,
  before: readonly Alarm[],
): readonly Alarm[] => {
  const settings = {
    name: 'settings in force that take a promise away',
    count: readings.notInForce,
    limit: 0,
  }
  const alarms = [...alarmsOf(readings, deadLetterAlarm, before), ...raisedBy([settings], before)]
  const { raised, cleared } = changedAlarms(before, alarms)
  for (const { name, count, limit } of raised) log.error('alarm', { alarm: name, count, limit })
  for (const { name } of cleared) log.info('alarm cleared', { alarm: name })
  return alarms
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
