import { decode, headingIn } from '../contract/envelope.ts'
import type { Event, Heading } from '../contract/event.ts'
import type { EventId, SubjectId } from '../contract/ids.ts'
import { redacted } from '../contract/redact.ts'
import type { Saga } from '../contract/saga.ts'
import { inboxOf } from '../messaging/names.ts'
import type { Met } from '../messaging/walk.ts'
import { codeOf } from '../runtime/errors.ts'

/** An event of a dead letter; `data` is without what its schema marks as sensitive. */
export type LetterEvent = {
  readonly id: EventId
  readonly type: string
  readonly subject: SubjectId
  readonly at: string
  readonly data: unknown
}

/** A dead letter as an operator may see it. Instants are milliseconds. */
export type Letter = {
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
  readonly events: readonly LetterEvent[]
  /** Why nothing in it can be decoded; its body is then not shown at all. */
  readonly poison?: string
  /** It came under a key that is not its type's: not from the service that owns the type. */
  readonly forged?: true
}

/**
 * What is in a body: events, and the codes of what is none. `headings` has the events as well, and those in a version that this release
 * does not know yet.
 */
export type Content = {
  readonly events: readonly Event[]
  readonly headings: readonly Heading[]
  readonly refused: readonly string[]
}

/** Decodes the body of a letter. Never throws. */
export const contentOf = (saga: Saga, { body, contentType }: Pick<Met, 'body' | 'contentType'>): Content => {
  try {
    const decoded = decode(saga, body, contentType)
    return {
      events: decoded.flatMap(one => ('event' in one ? [one.event] : [])),
      headings: decoded.map(headingIn).filter(one => one !== undefined),
      refused: decoded.flatMap(one => ('error' in one ? [one.error.code] : [])),
    }
  } catch (error) {
    return { events: [], headings: [], refused: [codeOf(error)] }
  }
}

/** The letter that `met` is, at `now` (ms), without anything sensitive. Pure. */
export const letterOf = (saga: Saga, service: string, met: Met, now: number): Letter => {
  const { events, headings, refused } = contentOf(saga, met)
  const { headers, death, sentAt } = met
  const firstFailedAt = failedAt(met)
  const parkedAt = death?.at ?? sentAt
  const subject = headings.length === 1 ? headings[0]?.subject : met.correlationId
  const [poison] = events.length === 0 ? refused : []
  return {
    ...{
      service,
      events: events.map(event => shown(saga, event)),
      bytes: met.body.length,
      attempts: headers['x-attempt'] ?? 0,
    },
    messageId: line(met.messageId ?? 'unknown'),
    type: line(headings[0]?.type ?? met.type ?? 'unknown'),
    reason: line(headers['x-reason'] ?? death?.reason ?? poison ?? 'unknown'),
    age: Math.max(0, now - (parkedAt ?? firstFailedAt ?? now)),
    ...given('subject', subject === undefined ? undefined : line(subject)),
    ...given('firstFailedAt', firstFailedAt),
    ...given('parkedAt', parkedAt),
    ...given('originKey', headers['x-origin-key'] ?? death?.key),
    ...given('resend', headers['x-resend']),
    ...given('poison', poison),
    ...given('forged', isForged(met, headings) || undefined),
  }
}

/** The inbox's own key says nothing: it is that of a replay, whose letter then names the first one. */
const isForged = ({ headers, death, queue }: Met, events: readonly Heading[]): boolean => {
  const origin = headers['x-origin-key'] ?? death?.key
  if (origin === undefined || origin === inboxOf(queue.replace(/\.dlq$/, ''))) return false
  return events.some(({ type }) => type !== origin)
}

/** Whatever stands there: not every text is a time. */
const failedAt = ({ headers, death }: Met): number | undefined => {
  const at = Date.parse(headers['x-first-failed-at'] ?? '')
  return Number.isNaN(at) ? death?.at : at
}

const shown = ({ definitionOf }: Saga, { id, type, subject, at, data }: Event): LetterEvent => {
  const definition = definitionOf(type)
  return { id, type, subject, at, data: definition && redacted(definition.schema, data) }
}

/** Strangers write properties too, and a control character would forge a line of a listing. */
const line = (text: string): string => text.replace(/[\p{Cc}\p{Cs}]/gu, '?').slice(0, 200)

const given = <K extends keyof Letter, V>(name: K, value: V | undefined): { [k in K]?: V } =>
  value === undefined ? {} : ({ [name]: value } as { [k in K]: V })
