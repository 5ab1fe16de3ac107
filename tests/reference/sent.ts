import { orderIdOf } from '../../services/contract/ids.ts'
import { type Event, shop } from '../../services/contract/shop.ts'
import { eventId } from '../../shared/contract/ids.ts'
import type { Notice, NoticeKind } from '../../shared/contract/notice.ts'
import type { OutgoingMessage, Publisher } from '../../shared/messaging/broker.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { unobserved } from '../../shared/saga/observe/observer.ts'
import { eventPublisher } from '../../shared/saga/publish/event-publisher.ts'
import { noticePublisher } from '../../shared/saga/publish/notice-publisher.ts'

const noting = (sent: OutgoingMessage[]): Publisher => ({
  publish: async message => void sent.push(message),
  close: async () => {},
  connected: true,
})

const only = ([first, ...more]: readonly OutgoingMessage[]): OutgoingMessage => {
  if (!first || more.length > 0) throw new Error('not just one message was sent')
  return first
}

/** The message that a service sends for these events, the first time or again. */
export const sentBy = async (events: readonly Event[], resend?: string): Promise<OutgoingMessage> => {
  const sent: OutgoingMessage[] = []
  await eventPublisher(shop, noting(sent))(events, resend)
  return only(sent)
}

/** The message that a service sends for a notice. */
export const toldBy = async (notice: Notice): Promise<OutgoingMessage> => {
  const sent: OutgoingMessage[] = []
  await noticePublisher(shop, noting(sent), { clock: systemClock, log: silentLog, observer: unobserved })(
    notice,
  )
  return only(sent)
}

const orderId = orderIdOf('0'.repeat(26))

const said = {
  'attempt-failed': { reason: 'provider-unavailable', attempt: 1, retryInMs: 1_000 },
  parked: { reason: 'provider-protocol', attempts: 6, bytes: 512 },
  repaired: { what: 'nudged', count: 1 },
} as const satisfies { [K in NoticeKind]: Extract<Notice, { kind: K }>['data'] }

/** A notice of the service about an order. */
export const aNotice = (service: string, kind: NoticeKind): Notice =>
  ({
    ...{
      id: `${orderId}:order:1:${service}:${kind}`,
      service,
      kind,
      at: '2030-01-01T00:00:00.000Z',
      subject: orderId,
    },
    ...{ eventId: eventId(orderId, 'order', 1), eventType: 'order.placed', data: said[kind] },
  }) as Notice // each kind has the data of its own row
