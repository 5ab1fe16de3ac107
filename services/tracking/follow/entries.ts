import { type Decoded, decode, singleType } from '../../../shared/contract/envelope.ts'
import type { Event, EventHeader } from '../../../shared/contract/event.ts'
import { serviceOf } from '../../../shared/contract/ids.ts'
import { decodeNotice, type Notice, noticeType, parseNoticeType } from '../../../shared/contract/notice.ts'
import { redacted } from '../../../shared/contract/redact.ts'
import type { JournalMessage } from '../../../shared/messaging/journal.ts'
import { type ErrorReport, reportOf } from '../../../shared/runtime/error-report.ts'
import { SagaError } from '../../../shared/runtime/errors.ts'
import type { OrderId } from '../../contract/ids.ts'
import { shop } from '../../contract/shop.ts'
import type { Entry } from '../entry.ts'

/**
 * What one message of the journal contains; what is in a version that this release does not know is kept
 * without its data.
 */
export type Reading = {
  readonly told: readonly { readonly orderId: OrderId; readonly entry: Entry }[]
  /** What it says besides cannot be read, and why. */
  readonly unreadable: readonly ErrorReport[]
  /** A later release may read more of it. */
  readonly forLater: boolean
}

/**
 * Reads a message of the journal; what is sensitive stays behind. Never throws: what cannot be read must not
 * stop the others. Pure.
 */
export const readMessage = (message: JournalMessage): Reading => {
  try {
    if (parseNoticeType(message.type ?? '')) return fromNotice(noticeIn(message))
    return fromEvents(decode(shop, message.body, message.contentType))
  } catch (error) {
    return unreadable(reportOf(error))
  }
}

const unreadable = (why: ErrorReport): Reading => ({ told: [], unreadable: [why], forLater: false })

const noticeIn = ({ body, contentType }: JournalMessage): Notice => {
  if (contentType !== singleType)
    throw new SagaError('body-unreadable', 'a notice has one event in its body', { retry: 'never' })
  return decodeNotice(shop, parse(body))
}

const parse = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString())
  } catch {
    throw new SagaError('body-unreadable', 'not JSON', { retry: 'never' }) // the parser's text quotes the body
  }
}

const fromEvents = (decoded: readonly Decoded[]): Reading => {
  const told: Reading['told'][number][] = []
  const unreadable: ErrorReport[] = []
  let forLater = false
  for (const one of decoded) {
    if ('event' in one) told.push({ orderId: one.event.subject, entry: fact(one.event) })
    else {
      if (one.newer) told.push({ orderId: one.newer.subject, entry: unread(one.newer) })
      else unreadable.push(reportOf(one.error))
      forLater ||= isForLater(one.error.code)
    }
  }
  return { told, unreadable, forLater }
}

const isForLater = (code: string): boolean => code === 'event-newer' || code === 'event-unknown'

const fact = (event: Event): Entry => {
  const definition = shop.definitionOf(event.type)
  const kept = definition && redacted(definition.schema, event.data)
  return bare(event, (kept ?? {}) as Entry['data'])
}

// Nobody here knows what is sensitive in its data, so that none of them are kept.
const unread = (newer: EventHeader): Entry => ({ ...bare(newer, {}), newer: newer.version })

const bare = ({ id, type, at, cause }: EventHeader, data: Entry['data']): Entry =>
  cause === undefined
    ? { id, type, service: serviceOf(id), at, data }
    : { id, type, service: serviceOf(id), at, cause, data }

// A notice about no order belongs to no story.
const fromNotice = ({
  id,
  service,
  kind,
  at,
  subject: orderId,
  eventId,
  eventType,
  data,
}: Notice): Reading => {
  if (orderId === undefined) return { told: [], unreadable: [], forLater: false }
  // It becomes the id of a server-sent event, which ends at a line break.
  if (!/^[\x21-\x7e]+$/.test(id))
    return unreadable({ code: 'event-invalid', error: 'the id of a notice', unexpected: false })
  const entry: Entry = {
    ...{ id, type: noticeType(service, kind), service, at, notice: kind },
    ...(eventId !== undefined && { cause: eventId }),
    data: { ...data, ...(eventType !== undefined && { about: eventType }) },
  }
  return { told: [{ orderId, entry }], unreadable: [], forLater: false }
}
