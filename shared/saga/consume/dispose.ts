import { headerOf } from '../../contract/envelope.ts'
import { logFailure } from '../../runtime/telemetry/failure-log.ts'
import type { SagaContext } from '../context.ts'
import { eventNames } from '../observe/log-names.ts'
import { markDead } from '../process/park.ts'
import { type AttemptResult, type Disposition, dispositionOf } from './disposition.ts'
import { failureNoticeOf } from './failure-notice.ts'
import { inputOf, type ReceivedEvent } from './received-event.ts'
import { retryCopyOf } from './retry-copy.ts'
import type { Attempt, DeliveryHandler, ProcessedAttempt } from './stage.ts'

type CopyDisposition = Extract<Disposition, { do: 'wait' | 'park' }>

/**
 * The stage that retries: what failed waits in a confirmed copy or is parked in one. Throws what keeps a copy
 * from being published or an event from being marked; then the delivery is kept.
 */
export const disposed = <S>(handler: DeliveryHandler<S>, next: Attempt) => {
  const dispose = async (received: ReceivedEvent): Promise<ProcessedAttempt> => {
    const result = await next(received)
    const disposition = decided(handler, received, result)
    if (disposition.do === 'ack' || disposition.do === 'keep') return { result, disposition }
    if ((await recordGivenUp(handler, received, disposition)) === 'handled') return dispose(received)
    logDisposition(handler, received, disposition)
    await sendCopy(handler, received, disposition)
    return { result, disposition }
  }
  return dispose
}

const decided = <S>(
  { context, retryPolicy }: DeliveryHandler<S>,
  { delivery }: ReceivedEvent,
  result: AttemptResult,
): Disposition => {
  const attempts = delivery.headers['x-attempt'] ?? 0
  return dispositionOf(result, attempts, retryPolicy, failingMs(context, result, delivery))
}

/**
 * Between half of the time since the first failure and all of it, so that what failed together does not come
 * again together.
 */
const failingMs = (
  { clock, random }: SagaContext,
  { kind }: AttemptResult,
  { headers }: ReceivedEvent['delivery'],
): number => {
  const since = Date.parse(headers['x-first-failed-at'] ?? '')
  if ((kind !== 'unfinished' && kind !== 'busy') || Number.isNaN(since)) return 0
  return ((clock.now() - since) * (100 + random.int(101))) / 200
}

/**
 * Writes down that the event is given up when that has to be on record before it is parked. `handled`: it was
 * applied after all, so it is not parked.
 */
const recordGivenUp = async <S>(
  { context }: DeliveryHandler<S>,
  received: ReceivedEvent,
  disposition: CopyDisposition,
): Promise<'marked' | 'handled' | 'not-needed'> => {
  const { decoded } = received
  if (disposition.do !== 'park' || !disposition.mark || !('event' in decoded)) return 'not-needed'
  return markDead(context, inputOf(received, decoded.event), disposition.reason)
}

const sendCopy = async <S>(
  { context, publisher }: DeliveryHandler<S>,
  { delivery, decoded, alone }: ReceivedEvent,
  disposition: CopyDisposition,
): Promise<void> => {
  const part = { decoded, envelope: alone() }
  const about = { service: context.service, at: context.clock.now() }
  await publisher.publish(retryCopyOf(delivery, part, disposition, about))
  // After the copy and before the acknowledgement: a crash in between publishes it twice and never loses it.
  const notice = failureNoticeOf(delivery, part, disposition, about)
  if (notice) await context.reportNotice(notice)
}

const logDisposition = <S>(
  { context }: DeliveryHandler<S>,
  { decoded, delivery }: ReceivedEvent,
  disposition: CopyDisposition,
) => {
  const header = headerOf(decoded)
  const { reason, report = { code: reason, unexpected: false } } = disposition
  const fields = {
    ...(header ? eventNames(context.service.saga, header) : { eventType: delivery.type }),
    messageId: delivery.messageId,
    ...(disposition.do === 'park'
      ? { attempt: disposition.attempts }
      : { attempt: disposition.attempt, retryInMs: disposition.ms }),
  }
  const message = disposition.do === 'park' ? 'parked' : 'waits for another attempt'
  logFailure(context.log, message, report, fields)
}
