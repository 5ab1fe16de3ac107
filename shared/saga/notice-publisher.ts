import { encodeNotice, type Notice, noticeType } from '../contract/notice.ts'
import type { Saga } from '../contract/saga.ts'
import type { Outgoing, Publisher } from '../messaging/broker.ts'
import { type Clock, within } from '../runtime/clock.ts'
import { codeOf } from '../runtime/errors.ts'
import type { Log } from '../runtime/log.ts'
import type { Tell } from './kernel.ts'
import type { Observer } from './observer.ts'

/** A notice is worth a short wait of whoever tells it, and no more (ms). */
const patienceMs = 1_000

/**
 * Publishes notices to the journal of the saga. What is not confirmed in a second goes on without its teller; what fails is logged at `debug`
 * and counted, for it costs a line of a story and never a step of it.
 */
export const noticePublisher = (
  saga: Saga,
  publisher: Publisher,
  { clock, log, observer }: { readonly clock: Clock; readonly log: Log; readonly observer: Observer },
): Tell => {
  const lost = (notice: Notice, code: string) => {
    log.debug?.('a notice was not told', { notice: notice.id, code })
    observer.untold(notice)
  }
  return async notice => {
    observer.told(notice)
    try {
      if ((await within(clock, patienceMs, publisher.publish(messageOf(saga, notice)))) === 'late')
        lost(notice, 'late')
    } catch (error) {
      lost(notice, codeOf(error))
    }
  }
}

const messageOf = (saga: Saga, notice: Notice): Outgoing => {
  const type = noticeType(notice.service, notice.kind)
  return {
    ...encodeNotice(saga, notice),
    ...{ exchange: saga.names.exchanges.events, key: type, type, messageId: notice.id },
    ...(notice.subject !== undefined && { correlationId: notice.subject }),
  }
}
