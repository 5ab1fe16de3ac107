import type { Fact, Recorded } from './event.ts'
import { type EventId, type OrderId, serviceOf } from './ids.ts'

// The text goes with its event: it is made once, for the store and for the broker.
const texts = new WeakMap<Recorded, string>()

/**
 * The event as CloudEvents 1.0 JSON: the text that is stored is the text that is published. A note, which is stored and never
 * published, has `note` besides.
 */
export const textOf = (event: Recorded): string => {
  const known = texts.get(event)
  if (known !== undefined) return known
  const text = JSON.stringify(toCloudEvent(event))
  texts.set(event, text)
  return text
}

const toCloudEvent = (event: Recorded) => ({
  specversion: '1.0',
  id: event.id,
  source: `/choreo/${serviceOf(event.id)}`,
  type: event.type,
  time: event.at,
  subject: event.orderId,
  correlationid: event.orderId,
  causationid: event.cause,
  dataversion: event.version,
  traceparent: event.traceparent,
  note: event.note || undefined,
  data: event.data,
})

type Stored = {
  readonly id: EventId
  readonly type: string
  readonly time: string
  readonly subject: OrderId
  readonly causationid?: EventId
  readonly dataversion: number
  readonly traceparent?: string
  readonly note?: true
  readonly data: unknown
}

/** The event that `textOf` made the text of. It is our own text, so nothing is checked; what comes from outside goes through `decode`. */
export const eventOf = (text: string): Recorded<Fact> => {
  const { id, type, time, subject, causationid, dataversion, traceparent, note, data } = JSON.parse(
    text,
  ) as Stored
  return {
    ...{ type, version: dataversion, data, note: note ?? false, id, orderId: subject, at: time },
    ...(causationid !== undefined && { cause: causationid }),
    ...(traceparent !== undefined && { traceparent }),
  }
}
