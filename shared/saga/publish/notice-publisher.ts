import { encodeNotice, type Notice, noticeType } from '../../contract/notice.ts'
import type { Saga } from '../../contract/saga.ts'
import type { OutgoingMessage, Publisher } from '../../messaging/broker.ts'
import { codeOf } from '../../runtime/errors.ts'
import type { Log, LogFields } from '../../runtime/telemetry/log.ts'
import { type Clock, within } from '../../runtime/time/clock.ts'
import type { ReportNotice } from '../context.ts'
import type { Observer } from '../observe/observer.ts'

/** A notice is worth a short wait of whoever reports it, and no more (ms). */
const patienceMs = 1_000

/**
 * Publishes notices to the journal of the saga. What is not confirmed in a second goes on without its teller;
 * what fails is logged at `debug` and counted, for it costs a line of a story and never a step of it.
 */
export const noticePublisher = (
  saga: Saga,
  publisher: Publisher,
  { clock, log, observer }: { readonly clock: Clock; readonly log: Log; readonly observer: Observer },
): ReportNotice => {
  const lost = (notice: Notice, code: string) => {
    log.debug?.('a notice was not published', { ...namesOf(saga, notice), code })
    observer.reportLost(notice)
  }
  return async notice => {
    observer.reported(notice)
    try {
      if ((await within(clock, patienceMs, publisher.publish(messageOf(saga, notice)))) === 'late')
        lost(notice, 'late')
    } catch (error) {
      lost(notice, codeOf(error))
    }
  }
}

const namesOf = ({ subject: { field } }: Saga, { id, subject, eventId, eventType }: Notice): LogFields => ({
  ...{ noticeId: id, eventId, eventType },
  ...(subject !== undefined && { [field]: subject }),
})

const messageOf = (saga: Saga, notice: Notice): OutgoingMessage => {
  const type = noticeType(notice.service, notice.kind)
  return {
    ...encodeNotice(saga, notice),
    ...{ exchange: saga.names.exchanges.events, key: type, type, messageId: notice.id },
    ...(notice.subject !== undefined && { correlationId: notice.subject }),
  }
}
