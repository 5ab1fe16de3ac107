import { z } from 'zod'
import { SagaError } from '../runtime/errors.ts'
import { type Envelope, singleType } from './envelope.ts'
import { checked } from './event.ts'
import type { EventId, SubjectId } from './ids.ts'
import type { Saga } from './saga.ts'

/**
 * What a service reports to the journal about its own trouble, so that the story of a saga misses nothing.
 * Only the journal takes notices: no service reacts to one, and losing one loses a line of a story, never a
 * step of it. They carry no data of events.
 */
export const noticeKinds = ['attempt-failed', 'parked', 'repaired'] as const
export type NoticeKind = (typeof noticeKinds)[number]

const reason = z.string().max(100)

/** What the error said, without values, and where it came from: `file:line`. */
const error = {
  error: z.string().max(200).exactOptional(),
  errorAt: z.string().max(200).exactOptional(),
}

/**
 * What each kind says. `retryInMs` is the wait before the next attempt; `bytes` is the size of what was
 * parked.
 */
export const noticeDetails = {
  'attempt-failed': z.object({ reason, attempt: z.int().min(0), retryInMs: z.int().min(0), ...error }),
  parked: z.object({ reason, attempts: z.int().min(0), bytes: z.int().min(0), ...error }),
  repaired: z.object({
    what: z.enum(['nudged', 'unsent-sent', 'call-resumed', 'replayed', 'resolved']),
    count: z.int().min(1),
    resolution: z
      .object({ answer: z.string(), by: z.string(), why: z.string(), outside: z.string(), amount: z.int() })
      .exactOptional(),
  }),
} as const

type About = {
  /** The same for the same trouble, so that reporting it twice is reporting it once. */
  readonly id: string
  readonly service: string
  /** RFC 3339. */
  readonly at: string
  readonly subject?: SubjectId | undefined
  readonly eventId?: EventId | undefined
  readonly eventType?: string | undefined
}

/** A notice of any kind; `kind` decides what `data` has. */
export type Notice = {
  [K in NoticeKind]: About & { readonly kind: K; readonly data: z.output<(typeof noticeDetails)[K]> }
}[NoticeKind]

/** The routing key and type of a notice: `<service>.<kind>`. */
export const noticeType = (service: string, kind: NoticeKind): string => `${service}.${kind}`

/** The service and kind of a type, or undefined when it is none of a notice. */
export const parseNoticeType = (type: string): { service: string; kind: NoticeKind } | undefined => {
  const [service = '', word] = type.split('.')
  const kind = noticeKinds.find(one => one === word)
  return kind && { service, kind }
}

/** A notice as one CloudEvent in JSON. */
export const encodeNotice = ({ name }: Saga, notice: Notice): Envelope => {
  const { id, service, kind, at, subject, eventId, eventType, data } = notice
  const event = {
    ...{ specversion: '1.0', id, source: `/${name}/${service}`, type: noticeType(service, kind), time: at },
    ...{ subject, causationid: eventId, causationtype: eventType, data },
  }
  return { body: Buffer.from(JSON.stringify(event)), contentType: singleType }
}

/** The notice in a body. Throws `event-unknown` or `event-invalid` (never retried). */
export const decodeNotice = ({ wire }: Saga, json: unknown): Notice => {
  const envelope = checked({ type: 'notice', version: 1, schema: wire.notice }, json)
  const parsed = parseNoticeType(envelope.type)
  if (!parsed) throw new SagaError('event-unknown', JSON.stringify(envelope.type), { retry: 'never' })
  const { service, kind } = parsed
  const data = checked({ type: envelope.type, version: 1, schema: noticeDetails[kind] }, envelope.data)
  return {
    ...{ id: envelope.id, service, kind, at: envelope.time, data },
    ...{ subject: envelope.subject, eventId: envelope.causationid, eventType: envelope.causationtype },
  } as Notice // the schema of the kind has just vouched for the data
}
