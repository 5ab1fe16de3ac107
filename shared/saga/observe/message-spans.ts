import { headerOf } from '../../contract/envelope.ts'
import type { Event, EventHeader } from '../../contract/event.ts'
import type { Saga } from '../../contract/saga.ts'
import type { Delivery } from '../../messaging/broker.ts'
import {
  begun,
  inSpan,
  type TracedWork,
  traceparentOf,
  validTraceparent,
} from '../../runtime/telemetry/trace.ts'
import type { ReceivedEvent } from '../consume/received-event.ts'
import type { Attempt } from '../consume/stage.ts'
import type { PublishEvents } from '../context.ts'

const system = { 'messaging.system': 'rabbitmq' }

/**
 * Publishes each event in a PRODUCER span, and under that span's `traceparent`, so that who hears it goes on
 * from there.
 */
export const tracedPublish =
  ({ names }: Saga, publish: PublishEvents): PublishEvents =>
  (events, resend) => {
    const spans = begun(() => events.map(event => sending(names.exchanges.events, event, resend)))
    if (!spans) return publish(events, resend)
    const sent = publish(
      events.map((event, i) => under(event, spans.traceparents[i])),
      resend,
    )
    spans.end(sent)
    return sent
  }

const sending = (exchange: string, event: Event, resend: string | undefined): TracedWork => ({
  name: `publish ${event.type}`,
  kind: 'producer',
  parent: parentOf(event),
  attributes: {
    ...system,
    ...messageOf(event),
    'messaging.operation.type': 'send',
    'messaging.operation.name': 'publish',
    'messaging.destination.name': exchange,
    ...(resend !== undefined && { 'choreo.resend': resend }),
  },
})

/** The stage that handles an event in a CONSUMER span; what it puts on record goes on from there. */
export const traced =
  (service: string, next: Attempt): Attempt =>
  received => {
    const event = headerOf(received.decoded)
    if (!event) return next(received)
    return inSpan(
      processing(service, received.delivery, event),
      traceparent => next(receivedUnder(received, traceparent)),
      ({ kind }) => ({ 'choreo.outcome': kind }),
    )
  }

const processing = (
  service: string,
  { queue, headers: { 'x-resend': resend } }: Delivery,
  event: EventHeader,
): TracedWork => ({
  name: `process ${event.type}`,
  kind: 'consumer',
  parent: parentOf(event),
  attributes: () => ({
    ...system,
    ...messageOf(event),
    'messaging.operation.type': 'process',
    'messaging.operation.name': 'process',
    'messaging.destination.name': queue,
    'messaging.consumer.group.name': service,
    ...(resend !== undefined && { 'choreo.resend': resend }),
  }),
})

const receivedUnder = (received: ReceivedEvent, traceparent: string | undefined): ReceivedEvent => {
  const { decoded } = received
  if (!('event' in decoded)) return received // what cannot be read puts nothing on record
  const event = under(decoded.event, traceparent)
  return event === decoded.event ? received : { ...received, decoded: { ...decoded, event } }
}

const messageOf = ({ id, subject, type }: EventHeader) => ({
  'messaging.message.id': id,
  'messaging.message.conversation_id': subject,
  'messaging.rabbitmq.destination.routing_key': type,
})

// What a sender wrote there may be anything; what is no trace is not passed on.
const parentOf = ({ traceparent, subject }: EventHeader): string =>
  validTraceparent(traceparent) ?? traceparentOf(subject)

const under = <E extends EventHeader>(event: E, traceparent: string | undefined): E =>
  traceparent === undefined || traceparent === event.traceparent ? event : { ...event, traceparent }
