import type { Heading } from '../contract/event.ts'
import { encodeNotice, type Notice, noticeType } from '../contract/notice.ts'
import type { Saga } from '../contract/saga.ts'
import type { Headers, Outgoing, Publisher } from '../messaging/broker.ts'
import { inboxOf } from '../messaging/names.ts'
import { sentAgain } from '../messaging/sent-again.ts'
import type { Met } from '../messaging/walk.ts'
import { codeOf } from '../runtime/errors.ts'
import { contentOf } from './letter.ts'
import type { Operations } from './operations.ts'

type Again = { readonly service: string; readonly met: Met; readonly resend: string }

/**
 * Sends a dead letter to the inbox that it came from and tells the journal; resolves when the broker confirmed the letter.
 * @throws SagaError as `Publisher.publish`
 */
export const sendAgain = async (
  world: Pick<Operations, 'saga' | 'clock' | 'log'>,
  publisher: Publisher,
  again: Again,
): Promise<void> => {
  await publisher.publish(toInbox(again))
  const notices = contentOf(world.saga, again.met).headings.map(event =>
    noticeOf(again, event, world.clock.now()),
  )
  // A story without this line is poorer; a letter that stays although it was sent would be sent twice.
  await Promise.all(notices.map(notice => publisher.publish(toJournal(world.saga, notice)))).catch(error =>
    world.log.warn('a replay was not told to the journal', { service: again.service, code: codeOf(error) }),
  )
}

/** The letter as it was, but for what its failures wrote on it. */
const toInbox = ({ service, met, resend }: Again): Outgoing => ({
  ...sentAgain(met, { exchange: '', key: inboxOf(service) }),
  headers: headersOf(met, resend),
})

/** Attempts count from the start again. No other header is taken over: a copied `x-death` would make the broker drop the message. */
const headersOf = ({ headers, death, type }: Met, resend: string): Headers => {
  const origin = headers['x-origin-key'] ?? death?.key ?? type
  const since = headers['x-first-failed-at']
  return {
    'x-resend': resend,
    ...(origin !== undefined && { 'x-origin-key': origin }),
    ...(since !== undefined && { 'x-first-failed-at': since }),
  }
}

const noticeOf = ({ service, resend }: Again, event: Heading, at: number): Notice => ({
  ...{ id: `${event.id}:${resend}`, service, kind: 'repaired', at: new Date(at).toISOString() },
  ...{ subject: event.subject, eventId: event.id, eventType: event.type },
  data: { what: 'replayed', count: 1 },
})

const toJournal = (saga: Saga, notice: Notice): Outgoing => ({
  ...encodeNotice(saga, notice),
  ...{ exchange: saga.names.exchanges.events, key: noticeType(notice.service, 'repaired') },
  ...{ type: noticeType(notice.service, 'repaired'), messageId: notice.id },
  ...(notice.subject && { correlationId: notice.subject }),
})
