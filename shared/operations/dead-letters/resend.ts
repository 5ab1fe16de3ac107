import type { EventHeader } from '../../contract/event.ts'
import { encodeNotice, type Notice, noticeType } from '../../contract/notice.ts'
import type { Saga } from '../../contract/saga.ts'
import type { Headers, OutgoingMessage, Publisher } from '../../messaging/broker.ts'
import type { BrowsedMessage } from '../../messaging/queue-browser.ts'
import { resendOf } from '../../messaging/resend.ts'
import { inboxOf } from '../../messaging/topology/names.ts'
import { errorFields } from '../../runtime/telemetry/failure-log.ts'
import type { Operations } from '../operations.ts'
import { contentOf } from './dead-letter.ts'

type Again = { readonly service: string; readonly met: BrowsedMessage; readonly resend: string }

/**
 * Sends a dead letter to the inbox that it came from and reports to the journal; resolves when the broker
 * confirmed the dead letter.
 * @throws SagaError as `Publisher.publish`
 */
export const resendDeadLetter = async (
  world: Pick<Operations, 'saga' | 'clock' | 'log'>,
  publisher: Publisher,
  again: Again,
): Promise<void> => {
  await publisher.publish(toInbox(again))
  const notices = contentOf(world.saga, again.met).eventHeaders.map(event =>
    noticeOf(again, event, world.clock.now()),
  )
  // A story without this line is poorer; a dead letter that stays although it was sent would be sent twice.
  await Promise.all(notices.map(notice => publisher.publish(toJournal(world.saga, notice)))).catch(error =>
    world.log.warn('a replay was not reported to the journal', {
      messageId: again.met.messageId,
      queue: again.met.queue,
      ...errorFields(error),
    }),
  )
}

/** The dead letter as it was, but for what its failures wrote on it. */
const toInbox = ({ service, met: message, resend }: Again): OutgoingMessage => ({
  ...resendOf(message, { exchange: '', key: inboxOf(service) }),
  headers: headersOf(message, resend),
})

/**
 * Attempts count from the start again. No other header is taken over: a copied `x-death` would make the
 * broker drop the message.
 */
const headersOf = ({ headers, death, type }: BrowsedMessage, resend: string): Headers => {
  const origin = headers['x-origin-key'] ?? death?.key ?? type
  const since = headers['x-first-failed-at']
  return {
    'x-resend': resend,
    ...(origin !== undefined && { 'x-origin-key': origin }),
    ...(since !== undefined && { 'x-first-failed-at': since }),
  }
}

const noticeOf = ({ service, resend }: Again, event: EventHeader, at: number): Notice => ({
  ...{ id: `${event.id}:${resend}`, service, kind: 'repaired', at: new Date(at).toISOString() },
  ...{ subject: event.subject, eventId: event.id, eventType: event.type },
  data: { what: 'replayed', count: 1 },
})

const toJournal = (saga: Saga, notice: Notice): OutgoingMessage => ({
  ...encodeNotice(saga, notice),
  ...{ exchange: saga.names.exchanges.events, key: noticeType(notice.service, 'repaired') },
  ...{ type: noticeType(notice.service, 'repaired'), messageId: notice.id },
  ...(notice.subject && { correlationId: notice.subject }),
})
