import type { Names } from '../../contract/names.ts'
import { deadLettersOf, inboxOf } from '../../messaging/topology/names.ts'
import type { QueueReading } from './queue-readings.ts'

/** Something that somebody has to look at: `count` is above `limit`. */
export type Alarm = { readonly name: string; readonly count: number; readonly limit: number }

/** How one service's queues are; of what is not there, or not known, nothing. */
export type ServiceReading = {
  readonly service: string
  readonly deadLetters?: number
  readonly inboxReady?: number
  readonly inboxConsumers?: number
}

/** How the queues of a saga are. */
export type SagaReading = {
  readonly services: readonly ServiceReading[]
  /** Messages that no inbox takes; undefined when nobody can tell. */
  readonly unrouted: number | undefined
  /** Our queues that are there, and of which something is unknown. */
  readonly unknown: readonly string[]
}

/** The queues of the saga among all that were read. Pure. */
export const readingsOf = (
  { exchanges }: Names,
  services: readonly string[],
  queues: readonly QueueReading[],
): SagaReading => {
  const byName = new Map(queues.map(queue => [queue.name, queue]))
  const readings = services.map((service): ServiceReading => {
    const [inbox, deadLetters] = [byName.get(inboxOf(service)), totalOf(byName.get(deadLettersOf(service)))]
    return {
      service,
      ...(deadLetters !== undefined && { deadLetters }),
      ...(inbox?.ready !== undefined && { inboxReady: inbox.ready }),
      ...(inbox?.consumers !== undefined && { inboxConsumers: inbox.consumers }),
    }
  })
  const ours = [...services.flatMap(one => [inboxOf(one), deadLettersOf(one)]), exchanges.unrouted]
  return {
    services: readings,
    unrouted: totalOf(byName.get(exchanges.unrouted)),
    unknown: ours
      .flatMap(name => byName.get(name) ?? [])
      .filter(isUnknown)
      .map(({ name }) => name),
  }
}

/** What is ready, and what somebody has in hand as far as that is known. Pure. */
export const totalOf = (queue: QueueReading | undefined): number | undefined =>
  queue?.ready === undefined ? undefined : queue.ready + (queue.unacknowledged ?? 0)

/** Whether the broker does not tell how full a queue is, or who consumes it. Pure. */
export const isUnknown = ({ ready, consumers }: QueueReading): boolean =>
  ready === undefined || consumers === undefined

/**
 * What is wrong by these readings. `deadLetterAlarm` is how many dead letters a service may have; an alarm of
 * `before` whose number is unknown now stays. Pure.
 */
export const alarmsOf = (
  { services, unrouted, unknown }: SagaReading,
  deadLetterAlarm: number,
  before: readonly Alarm[] = [],
): Alarm[] =>
  raisedBy(
    [
      ...services.map(({ service, deadLetters }) => ({
        ...{ name: `dead letters of ${service}`, count: deadLetters, limit: deadLetterAlarm },
      })),
      { name: 'messages that no inbox takes', count: unrouted, limit: 0 },
      { name: 'queues whose figures are unknown', count: unknown.length, limit: 0 },
    ],
    before,
  )

/** What an alarm would say; the count is undefined when nobody knows it. */
export type AlarmInput = Omit<Alarm, 'count'> & { readonly count: number | undefined }

/** Of these, what is above its limit; what nobody knows stays as it was `before`. Pure. */
export const raisedBy = (inputs: readonly AlarmInput[], before: readonly Alarm[]): Alarm[] =>
  inputs.flatMap(({ name, count, limit }) => {
    if (count === undefined) return before.filter(alarm => alarm.name === name)
    return count > limit ? [{ name, count, limit }] : []
  })

/** What to say: alarms that were not there before, and those that are gone. Pure. */
export const changedAlarms = (
  before: readonly Alarm[],
  now: readonly Alarm[],
): { raised: readonly Alarm[]; cleared: readonly Alarm[] } => {
  const missingIn = (others: readonly Alarm[]) => (alarm: Alarm) =>
    !others.some(({ name }) => name === alarm.name)
  return { raised: now.filter(missingIn(before)), cleared: before.filter(missingIn(now)) }
}
