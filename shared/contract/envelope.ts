import { SagaError } from '../runtime/errors.ts'
import { type AnyDefinition, checked, type Event, type EventHeader } from './event.ts'
import { textOf } from './event-text.ts'
import type { Saga } from './saga.ts'
import { applyUpcasts } from './upcast.ts'

/**
 * Content types of the two modes. The batch over AMQP is an extension of ours: the CloudEvents batch format,
 * several events of one type.
 */
export const singleType = 'application/cloudevents+json'
export const batchType = 'application/cloudevents-batch+json'

/**
 * One element of a body: an event, or why it is none; `newer` heads one in a version that this release does
 * not know yet. With the JSON as it came, so that it can travel alone and still be read by whoever could read
 * it before.
 */
export type Decoded = { readonly json: unknown } & (
  | { readonly event: Event }
  | { readonly error: SagaError; readonly newer?: EventHeader }
)

/** The body of a message, and what says how to read it. */
export type Envelope = { readonly body: Buffer; readonly contentType: string }

/** CloudEvents 1.0 JSON: structured mode for one event, the batch format for several. */
export const encode = (saga: Saga, events: readonly Event[]): Envelope => {
  const text = events.map(event => textOf(saga, event)).join(',')
  return events.length === 1
    ? { body: Buffer.from(text), contentType: singleType }
    : { body: Buffer.from(`[${text}]`), contentType: batchType }
}

/** A single element as a body of its own. */
export const encodeRaw = (json: unknown): Envelope => ({
  body: Buffer.from(JSON.stringify(json)),
  contentType: singleType,
})

/**
 * Every element of the body, decoded by the saga's contract or refused on its own. Old versions are upcast,
 * then checked against the newest schema. Throws `body-unreadable` (never retried) when there are no elements
 * to speak of.
 */
export const decode = (saga: Saga, body: Buffer, contentType: string | undefined): Decoded[] => {
  const json = parse(body)
  if (contentType === singleType) return [decodeOne(saga, json)]
  if (contentType === batchType && Array.isArray(json) && json.length > 0)
    return json.map(one => decodeOne(saga, one))
  throw unreadable('the content type names no mode of CloudEvents JSON, or a batch is not a filled array')
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

const parse = (body: Buffer): unknown => {
  try {
    return JSON.parse(utf8.decode(body))
  } catch {
    throw unreadable('not JSON in UTF-8') // the parser's text quotes the body, so it is not passed on
  }
}

const unreadable = (detail: string) => new SagaError('body-unreadable', detail, { retry: 'never' })

/** What is known of an element besides its data; undefined when not even that can be read. */
export const headerOf = (decoded: Decoded): EventHeader | undefined =>
  'event' in decoded ? decoded.event : decoded.newer

const decodeOne = (saga: Saga, json: unknown): Decoded => {
  try {
    const { heading: header, data, definition } = opened(saga, json)
    if (header.version > definition.version)
      return { error: newerEvent(header, definition), newer: header, json }
    return { event: toEvent(saga, header, data, definition), json }
  } catch (error) {
    if (error instanceof SagaError) return { error, json }
    throw error
  }
}

const opened = (
  { wire, definitionOf }: Saga,
  json: unknown,
): { heading: EventHeader; data: unknown; definition: AnyDefinition } => {
  const envelope = checked({ type: 'envelope', version: 1, schema: wire.event }, json)
  const { type, dataversion: version, id, subject, data } = envelope
  const definition = definitionOf(type)
  if (!definition) throw unknownEvent(type, version)
  if (!id.startsWith(`${subject}:${definition.owner}:`)) throw forgedId(type)
  const heading = {
    ...{ type, version, id, subject, at: envelope.time },
    ...(envelope.causationid && { cause: envelope.causationid }),
    ...(envelope.traceparent && { traceparent: envelope.traceparent }),
  }
  return { heading, data, definition }
}

const toEvent = ({ upcasts }: Saga, header: EventHeader, old: unknown, definition: AnyDefinition): Event => {
  const { type, version } = header
  const data = checked(
    definition,
    applyUpcasts(upcasts, definition.version, { type, version, data: old }),
    version,
  )
  // The schema of the definition has just vouched for the data.
  return { ...header, version: definition.version, data, note: false } as Event
}

// Under the id of another service's event it would make that one look known when it comes.
const forgedId = (type: string) =>
  new SagaError('event-forged', `${type} with an id of another service or subject`, { retry: 'never' })

const unknownEvent = (type: string, version: number) =>
  new SagaError('event-unknown', `${JSON.stringify(type)} v${version}`, { retry: 'never' })

const newerEvent = ({ type, version }: EventHeader, known: AnyDefinition) =>
  new SagaError('event-newer', `${type} v${version}, known up to v${known.version}`)
