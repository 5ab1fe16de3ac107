import { createHash } from 'node:crypto'
import { headerOf } from '../../contract/envelope.ts'
import type { Notice } from '../../contract/notice.ts'
import type { Subject } from '../../contract/subject.ts'
import type { Delivery } from '../../messaging/broker.ts'
import { noticeOf } from '../publish/notices.ts'
import type { Disposition } from './disposition.ts'
import { briefIn, type DeliveryPart, type NoticeSource } from './retry-copy.ts'

/**
 * The notice of an event that waits or is parked, if there is one: waiting for a call that is still open
 * is no trouble. The same event, attempt and reason have the same id. Pure.
 */
export const failureNoticeOf = (
  delivery: Delivery,
  part: DeliveryPart,
  disposition: Disposition,
  { service: { saga, name: service }, at }: NoticeSource,
): Notice | undefined => {
  const { eventId, ...named } = subjectOf(saga.subject, delivery, part)
  const about = { service, at, ...named, eventId, topic: eventId ?? digest(part.envelope.body) }
  const brief = 'reason' in disposition ? briefIn(delivery.headers, disposition) : {}
  const resend = delivery.headers['x-resend'] ?? 'first'
  switch (disposition.do) {
    case 'wait': {
      const { reason, attempt, ms: retryInMs } = disposition
      if (reason === 'call-open') return undefined
      const nth = `${attempt}.${resend}.${reason}`
      return noticeOf('attempt-failed', { reason, attempt, retryInMs, ...brief }, { ...about, nth })
    }
    case 'park': {
      const { reason, attempts } = disposition
      const data = { reason, attempts, bytes: part.envelope.body.length, ...brief }
      return noticeOf('parked', data, { ...about, nth: resend })
    }
    default:
      return undefined
  }
}

/** Also of what could not be decoded, as far as it names its subject and itself in the form of our ids. */
const subjectOf = (
  { Id, EventId }: Subject,
  { correlationId, type }: Delivery,
  { decoded }: DeliveryPart,
) => {
  const header = headerOf(decoded)
  if (header) return { eventId: header.id, subject: header.subject, eventType: header.type }
  const json = (typeof decoded.json === 'object' && decoded.json) || {}
  const { id, subject } = json as { id?: unknown; subject?: unknown }
  return {
    eventId: EventId.safeParse(id).data,
    subject: Id.safeParse(subject).data ?? Id.safeParse(correlationId).data,
    eventType: type?.slice(0, 100),
  }
}

const digest = (body: Buffer) => createHash('sha256').update(body).digest('base64url').slice(0, 22)
