import { type Decoded, decode, singleType } from '../../shared/contract/envelope.ts'
import type { OrderId } from '../../shared/contract/ids.ts'
import { decodeNotice, type Notice, noticeType, parseNoticeType } from '../../shared/contract/notice.ts'
import { redacted } from '../../shared/contract/redact.ts'
import { definitionOf, type Event } from '../../shared/contract/registry.ts'
import type { JournalMessage } from '../../shared/messaging/journal.ts'
import { codeOf, SagaError } from '../../shared/runtime/errors.ts'
import type { Entry } from './domain.ts'

/** What one message of the journal says, and the codes of what it says that nobody can read. */
export type Reading = {
  readonly told: readonly { readonly orderId: OrderId; readonly entry: Entry }[]
  readonly unreadable: readonly string[]
}

/** Reads a message of the journal; what is sensitive stays behind. Never throws: what cannot be read must not stop the others. Pure. */
export const readMessage = (message: JournalMessage): Reading => {
  try {
    if (parseNoticeType(message.type ?? '')) return fromNotice(noticeIn(message))
    return fromEvents(decode(message.body, message.contentType))
  } catch (error) {
    return { told: [], unreadable: [codeOf(error)] }
  }
}

const noticeIn = ({ body, contentType }: JournalMessage): Notice => {
  if (contentType !== singleType)
    throw new SagaError('body-unreadable', 'a notice has one event in its body', { retry: 'never' })
  return decodeNotice(parse(body))
}

const parse = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString())
  } catch {
    throw new SagaError('body-unreadable', 'not JSON', { retry: 'never' }) // the parser's text quotes the body
  }
}

const fromEvents = (decoded: readonly Decoded[]): Reading => ({
  told: decoded.flatMap(one =>
    'event' in one ? [{ orderId: one.event.orderId, entry: fact(one.event) }] : [],
  ),
  unreadable: decoded.flatMap(one => ('event' in one ? [] : [one.error.code])),
})

const fact = ({ id, type, at, cause, data }: Event): Entry => {
  const definition = definitionOf(type)
  const kept = definition && redacted(definition.schema, data)
  return {
    ...{ id, type, service: definition?.owner ?? 'unknown', at },
    ...(cause !== undefined && { cause }),
    data: (kept ?? {}) as Entry['data'],
  }
}

// A notice about no order belongs to no story.
const fromNotice = ({ id, service, kind, at, orderId, eventId, eventType, data }: Notice): Reading => {
  if (orderId === undefined) return { told: [], unreadable: [] }
  // It becomes the id of a server-sent event, which ends at a line break.
  if (!/^[\x21-\x7e]+$/.test(id)) return { told: [], unreadable: ['event-invalid'] }
  const entry: Entry = {
    ...{ id, type: noticeType(service, kind), service, at, notice: kind },
    ...(eventId !== undefined && { cause: eventId }),
    data: { ...data, ...(eventType !== undefined && { about: eventType }) },
  }
  return { told: [{ orderId, entry }], unreadable: [] }
}
