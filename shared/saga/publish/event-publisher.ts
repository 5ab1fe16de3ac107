import { encode } from '../../contract/envelope.ts'
import type { Event } from '../../contract/event.ts'
import type { Saga } from '../../contract/saga.ts'
import type { Publisher } from '../../messaging/broker.ts'
import { type BatchLimits, coalesced, type Defer } from '../../runtime/coalesce.ts'
import type { PublishEvents } from '../context.ts'

/**
 * Several events of one type share a message under load; idle, each has its own, for nothing waits for
 * company.
 */
const eventBatchLimits: BatchLimits = { limit: 32, inFlight: 4 }

/**
 * Publishes events of a saga under their type as key, each confirmed before its promise resolves. A re-send
 * travels alone, for its header speaks of all that a message carries.
 */
export const eventPublisher = (
  saga: Saga,
  publisher: Publisher,
  { sharing = eventBatchLimits, defer }: { sharing?: BatchLimits; defer?: Defer } = {},
): PublishEvents => {
  const byType = new Map<string, (event: Event) => Promise<void>>()
  const shared = (type: string) => {
    const known = byType.get(type)
    if (known) return known
    const publishAll = async (events: readonly Event[]) => {
      await publisher.publish(messageOf(saga, events))
      return events.map(() => undefined)
    }
    const made = coalesced<Event, void>(sharing, publishAll, defer)
    byType.set(type, made)
    return made
  }
  return async (events, resend) => {
    const send = (event: Event) =>
      resend === undefined ? shared(event.type)(event) : publisher.publish(messageOf(saga, [event], resend))
    await Promise.all(events.map(send))
  }
}

const messageOf = (saga: Saga, events: readonly Event[], resend?: string) => {
  const [first] = events
  if (!first) throw new RangeError('an envelope has at least one event')
  const alone = events.length === 1
  return {
    ...encode(saga, events),
    exchange: saga.names.exchanges.events,
    key: first.type,
    type: first.type,
    messageId: alone ? first.id : `${first.id}+${events.length - 1}`,
    ...(alone && { correlationId: first.subject }),
    ...(resend !== undefined && { headers: { 'x-resend': resend } }),
  }
}
