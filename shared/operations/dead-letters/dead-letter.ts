import { decode, headerOf } from '../../contract/envelope.ts'
import type { Event, EventHeader } from '../../contract/event.ts'
import type { EventId, SubjectId } from '../../contract/ids.ts'
import { redacted } from '../../contract/redact.ts'
import type { Saga } from '../../contract/saga.ts'
import type { Headers } from '../../messaging/broker.ts'
import type { BrowsedMessage } from '../../messaging/queue-browser.ts'
import { inboxOf } from '../../messaging/topology/names.ts'
import type { ErrorDetail } from '../../runtime/error-report.ts'
import { codeOf } from '../../runtime/errors.ts'

/** An event of a dead letter; `data` is without what its schema marks as sensitive. */
export type DeadLetterEvent = {
  readonly id: EventId
  readonly type: string
  readonly subject: SubjectId
  readonly at: string
  readonly data: unknown
}

/** A dead letter as an operator may see it. Instants are milliseconds. */
export type DeadLetter = ErrorDetail & {
  readonly service: string
  readonly messageId: string
  readonly type: string
  readonly subject?: string
  /** The code of what parked it. */
  readonly reason: string
  readonly attempts: number
  readonly firstFailedAt?: number
  readonly parkedAt?: number
  /** How long it lies there (ms). */
  readonly age: number
  /** Size of its body. */
  readonly bytes: number
  readonly originKey?: string
  /** The re-send that brought it last. */
  readonly resend?: string
  readonly events: readonly DeadLetterEvent[]
  /** Why nothing in it can be decoded; its body is then not shown at all. */
  readonly poison?: string
  /** It came under a key that is not its type's: not from the service that owns the type. */
  readonly forged?: true
}

/**
 * What is in a body: events, and the codes of what is none. `eventHeaders` has the events as well, and those
 * in a version that this release does not know yet.
 */
export type DeadLetterContent = {
  readonly events: readonly Event[]
  readonly eventHeaders: readonly EventHeader[]
  readonly refused: readonly string[]
}

/** Decodes the body of a dead letter. Never throws. */
export const contentOf = (
  saga: Saga,
  { body, contentType }: Pick<BrowsedMessage, 'body' | 'contentType'>,
): DeadLetterContent => {
  try {
    const decoded = decode(saga, body, contentType)
    return {
      events: decoded.flatMap(one => ('event' in one ? [one.event] : [])),
      eventHeaders: decoded.map(headerOf).filter(one => one !== undefined),
      refused: decoded.flatMap(one => ('error' in one ? [one.error.code] : [])),
    }
  } catch (error) {
    return { events: [], eventHeaders: [], refused: [codeOf(error)] }
  }
}

/** The dead letter that `message` is, at `now` (ms), without anything sensitive. Pure. */
export const deadLetterOf = (
  saga: Saga,
  service: string,
  message: BrowsedMessage,
  now: number,
): DeadLetter => {
  const { events, eventHeaders: headings, refused } = contentOf(saga, message)
  const { headers, death, sentAt } = message
  const firstFailedAt = failedAt(message)
  const parkedAt = death?.at ?? sentAt
  const subject = headings.length === 1 ? headings[0]?.subject : message.correlationId
  const [poison] = events.length === 0 ? refused : []
  return {
    ...{
      service,
      events: events.map(event => shown(saga, event)),
      bytes: message.body.length,
      attempts: headers['x-attempt'] ?? 0,
    },
    messageId: line(message.messageId ?? 'unknown'),
    type: line(headings[0]?.type ?? message.type ?? 'unknown'),
    reason: line(headers['x-reason'] ?? death?.reason ?? poison ?? 'unknown'),
    age: Math.max(0, now - (parkedAt ?? firstFailedAt ?? now)),
    ...errorIn(message.headers),
    ...given('subject', subject === undefined ? undefined : line(subject)),
    ...given('firstFailedAt', firstFailedAt),
    ...given('parkedAt', parkedAt),
    ...given('originKey', headers['x-origin-key'] ?? death?.key),
    ...given('resend', headers['x-resend']),
    ...given('poison', poison),
    ...given('forged', isForged(message, headings) || undefined),
  }
}

/** What the headers of a message that failed say of the error. Pure. */
export const errorIn = ({ 'x-error': error, 'x-error-at': errorAt }: Headers): ErrorDetail => ({
  ...(error !== undefined && { error: line(error) }),
  ...(errorAt !== undefined && { errorAt: line(errorAt) }),
})

/** Why something failed, on one line: the code, what the error said, and where it came from. Pure. */
export const faultText = ({ reason, error, errorAt }: { readonly reason: string } & ErrorDetail): string =>
  `${reason}${error === undefined ? '' : `: ${error}`}${errorAt === undefined ? '' : ` at ${errorAt}`}`

/** The inbox's own key says nothing: it is that of a replay, whose dead letter then names the first one. */
const isForged = ({ headers, death, queue }: BrowsedMessage, events: readonly EventHeader[]): boolean => {
  const origin = headers['x-origin-key'] ?? death?.key
  if (origin === undefined || origin === inboxOf(queue.replace(/\.dlq$/, ''))) return false
  return events.some(({ type }) => type !== origin)
}

/** Whatever stands there: not every text is a time. */
const failedAt = ({ headers, death }: BrowsedMessage): number | undefined => {
  const at = Date.parse(headers['x-first-failed-at'] ?? '')
  return Number.isNaN(at) ? death?.at : at
}

const shown = ({ definitionOf }: Saga, { id, type, subject, at, data }: Event): DeadLetterEvent => {
  const definition = definitionOf(type)
  return { id, type, subject, at, data: definition && redacted(definition.schema, data) }
}

/** Strangers write properties too, and a control character would forge a line of a listing. */
const line = (text: string): string => text.replace(/[\p{Cc}\p{Cs}]/gu, '?').slice(0, 200)

const given = <K extends keyof DeadLetter, V>(name: K, value: V | undefined): { [k in K]?: V } =>
  value === undefined ? {} : ({ [name]: value } as { [k in K]: V })
