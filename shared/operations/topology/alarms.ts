import type { Names } from '../../contract/names.ts'
import { deadLettersOf, inboxOf } from '../../messaging/topology/names.ts'
import type { QueueReading } from './live-topology.ts'

/** Something that somebody has to look at: `count` is above `limit`. */
export type Alarm = { readonly name: string; readonly count: number; readonly limit: number }

/** How one service's queues are; of a queue that is not there, nothing. */
export type ServiceReading = {
  readonly service: string
  readonly deadLetters?: number
  readonly inboxReady?: number
  readonly inboxConsumers?: number
}

/** The queues of the saga among all that were read. Pure. */
export const readingsOf = (
  { exchanges }: Names,
  services: readonly string[],
  queues: readonly QueueReading[],
) => {
  const byName = new Map(queues.map(queue => [queue.name, queue]))
  const total = (name: string) => {
    const queue = byName.get(name)
    return queue && queue.ready + queue.unacknowledged
  }
  const readings = services.map((service): ServiceReading => {
    const [inbox, deadLetters] = [byName.get(inboxOf(service)), total(deadLettersOf(service))]
    return {
      service,
      ...(deadLetters !== undefined && { deadLetters }),
      ...(inbox && { inboxReady: inbox.ready, inboxConsumers: inbox.consumers }),
    }
  })
  return { services: readings, unrouted: total(exchanges.unrouted) ?? 0 }
}

/** What is wrong by these readings. `deadLetterAlarm` is how many dead letters a service may have. Pure. */
export const alarmsOf = (
  { services, unrouted }: ReturnType<typeof readingsOf>,
  deadLetterAlarm: number,
): Alarm[] =>
  [
    ...services.map(({ service, deadLetters = 0 }) => ({
      ...{ name: `dead letters of ${service}`, count: deadLetters, limit: deadLetterAlarm },
    })),
    { name: 'messages that no inbox takes', count: unrouted, limit: 0 },
  ].filter(({ count, limit }) => count > limit)

/** What to say: alarms that were not there before, and those that are gone. Pure. */
export const changedAlarms = (
  before: readonly Alarm[],
  now: readonly Alarm[],
): { raised: readonly Alarm[]; cleared: readonly Alarm[] } => {
  const missingIn = (others: readonly Alarm[]) => (alarm: Alarm) =>
    !others.some(({ name }) => name === alarm.name)
  return { raised: now.filter(missingIn(before)), cleared: before.filter(missingIn(now)) }
}
