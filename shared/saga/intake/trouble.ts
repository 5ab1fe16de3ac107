import { createHash } from 'node:crypto'
import { headingIn } from '../../contract/envelope.ts'
import { EventId, OrderId } from '../../contract/ids.ts'
import type { Notice } from '../../contract/notice.ts'
import type { Delivery } from '../../messaging/broker.ts'
import { noticeOf } from '../notices.ts'
import type { Part } from './copy.ts'
import type { Settlement } from './settle.ts'

/**
 * What is to be told of an event that waits or is parked, if anything: waiting for a call that is still open is no trouble.
 * The same event, attempt and reason have the same id. Pure.
 */
export const troubleOf = (
  delivery: Delivery,
  part: Part,
  settlement: Settlement,
  { service, at }: { service: string; at: number },
): Notice | undefined => {
  const { eventId, ...named } = subjectOf(delivery, part)
  const about = { service, at, ...named, eventId, subject: eventId ?? digest(part.envelope.body) }
  const resend = delivery.headers['x-resend'] ?? 'first'
  switch (settlement.do) {
    case 'wait': {
      const { reason, attempt, ms: retryInMs } = settlement
      if (reason === 'call-open') return undefined
      const nth = `${attempt}.${resend}.${reason}`
      return noticeOf('attempt-failed', { reason, attempt, retryInMs }, { ...about, nth })
    }
    case 'park': {
      const { reason, attempts } = settlement
      const data = { reason, attempts, bytes: part.envelope.body.length }
      return noticeOf('parked', data, { ...about, nth: resend })
    }
    default:
      return undefined
  }
}

/** Also of what could not be decoded, as far as it names its order and itself in the form of our ids. */
const subjectOf = ({ correlationId, type }: Delivery, { decoded }: Part) => {
  const heading = headingIn(decoded)
  if (heading) return { eventId: heading.id, orderId: heading.orderId, eventType: heading.type }
  const json = (typeof decoded.json === 'object' && decoded.json) || {}
  const { id, subject } = json as { id?: unknown; subject?: unknown }
  return {
    eventId: EventId.safeParse(id).data,
    orderId: OrderId.safeParse(subject).data ?? OrderId.safeParse(correlationId).data,
    eventType: type?.slice(0, 100),
  }
}

const digest = (body: Buffer) => createHash('sha256').update(body).digest('base64url').slice(0, 22)
