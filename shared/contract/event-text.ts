import type { Fact, Recorded } from './event.ts'
import { type EventId, type SubjectId, serviceOf } from './ids.ts'
import type { Saga } from './saga.ts'

// The text goes with its event: it is made once, for the store and for the broker.
const texts = new WeakMap<Recorded, string>()

/**
 * The event of a saga as CloudEvents 1.0 JSON: the text that is stored is the text that is published. A note,
 * which is stored and never published, has `note` besides.
 */
export const textOf = (saga: Pick<Saga, 'name'>, event: Recorded): string => {
  const known = texts.get(event)
  if (known !== undefined) return known
  const text = JSON.stringify(toCloudEvent(saga, event))
  texts.set(event, text)
  return text
}

const toCloudEvent = ({ name }: Pick<Saga, 'name'>, event: Recorded) => ({
  specversion: '1.0',
  id: event.id,
  source: `/${name}/${serviceOf(event.id)}`,
  type: event.type,
  time: event.at,
  subject: event.subject,
  correlationid: event.subject,
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
  readonly subject: SubjectId
  readonly causationid?: EventId
  readonly dataversion: number
  readonly traceparent?: string
  readonly note?: true
  readonly data: unknown
}

/**
 * The event that `textOf` made the text of. It is our own text, so nothing is checked; what comes from
 * outside goes through `decode`.
 */
export const eventOf = (text: string): Recorded<Fact> => {
  const { id, type, time, subject, causationid, dataversion, traceparent, note, data } = JSON.parse(
    text,
  ) as Stored
  return {
    ...{ type, version: dataversion, data, note: note ?? false, id, subject, at: time },
    ...(causationid !== undefined && { cause: causationid }),
    ...(traceparent !== undefined && { traceparent }),
  }
}
