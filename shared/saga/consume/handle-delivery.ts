import { type Decoded, decode, type Envelope, encodeRaw, headerOf } from '../../contract/envelope.ts'
import type { Event, EventHeader } from '../../contract/event.ts'
import type { Notice } from '../../contract/notice.ts'
import type { Saga } from '../../contract/saga.ts'
import type { Delivery, Publisher } from '../../messaging/broker.ts'
import { causeIn, codeOf, isStoreAway, SagaError } from '../../runtime/errors.ts'
import type { SagaContext } from '../context.ts'
import { tracedHandling } from '../observe/message-spans.ts'
import { handle, handleNewerVersion } from '../process/handle.ts'
import { markDead, markSuspect } from '../process/park.ts'
import { type AttemptResult, type Disposition, dispositionOf, type RetryPolicy } from './disposition.ts'
import { failureNoticeOf } from './failure-notice.ts'
import type { PerSubjectQueue } from './per-subject-queue.ts'
import { processedEventOf } from './processed-event.ts'
import { retryCopyOf } from './retry-copy.ts'

/** From the third delivery on, whatever is in the message may be what killed the process. */
const suspectAfter = 2
const maxSuspectTries = 3

export type DeliveryHandler<S = unknown> = {
  readonly context: SagaContext<S>
  readonly publisher: Publisher
  readonly perSubject: PerSubjectQueue
  readonly retryPolicy: RetryPolicy
}

/** One event of a delivery on its way, and the body that it has when it travels alone. */
type DeliveredEvent = {
  readonly decoded: Decoded
  readonly alone: () => Envelope
  readonly suspect: boolean
  /** This attempt at a suspect is on record: going on after a pause is the same attempt, for the process lives. */
  counted: boolean
}

/** What became of a delivery. It is held while a dependency is away: `again` goes on with what is left of it. */
export type DeliveryState = 'acked' | Held
export type Held = { readonly again: () => Promise<DeliveryState> }

/**
 * Takes one delivery through the protocol and settles it: it is acknowledged only when each of its events is applied, known, waiting in
 * a confirmed copy or parked in a confirmed copy. Otherwise it is held, with what is left of it. Never throws.
 */
export const handleDelivery = async <S>(
  handler: DeliveryHandler<S>,
  delivery: Delivery,
): Promise<DeliveryState> => {
  const items = eventsIn(handler.context.service.saga, delivery)
  handler.context.observer.received(items.length)
  return takeItems(handler, delivery, items)
}

const takeItems = async <S>(
  handler: DeliveryHandler<S>,
  delivery: Delivery,
  items: readonly DeliveredEvent[],
): Promise<DeliveryState> => {
  const { concurrency: inWork } = handler.context
  await inWork.enter(items.length)
  try {
    // No sooner than the last of them: what is held may not be worked on any more.
    const isLeft = await Promise.all(items.map(item => isHeld(handler, delivery, item)))
    const left = items.filter((_, i) => isLeft[i])
    if (left.length > 0) return { again: () => takeItems(handler, delivery, left) }
    delivery.ack()
    return 'acked'
  } finally {
    inWork.leave(items.length)
  }
}

const isHeld = async <S>(
  handler: DeliveryHandler<S>,
  delivery: Delivery,
  item: DeliveredEvent,
): Promise<boolean> => {
  try {
    return (await handleOne(handler, delivery, item)).do === 'requeue'
  } catch (error) {
    const { messageId } = delivery
    handler.context.log.warn('a delivery is held', { messageId, code: codeOf(error), ...causeIn(error) })
    return true
  }
}

const eventsIn = (saga: Saga, delivery: Delivery): DeliveredEvent[] => {
  const begun = { suspect: delivery.earlierDeliveries >= suspectAfter, counted: false }
  const whole = { body: delivery.body, contentType: delivery.contentType ?? '' }
  try {
    const items = decode(saga, delivery.body, delivery.contentType)
    if (items.length === 1 && items[0]) return [{ decoded: items[0], alone: () => whole, ...begun }]
    return items.map(decoded => ({ decoded, alone: () => envelopeOf(decoded, whole), ...begun }))
  } catch (error) {
    const refusal =
      error instanceof SagaError ? error : new SagaError('body-unreadable', 'undecodable', { retry: 'never' })
    return [{ decoded: { error: refusal, json: undefined }, alone: () => whole, ...begun }]
  }
}

/**
 * As it came: in the newest version it could not be read by older instances. What cannot be written down again, or grows by it, stays
 * in its whole envelope: what was read fits the broker.
 */
const envelopeOf = ({ json }: Decoded, whole: Envelope): Envelope => {
  try {
    const alone = encodeRaw(json)
    return alone.body.length <= whole.body.length ? alone : whole
  } catch {
    return whole
  }
}

const handleOne = async <S>(
  handler: DeliveryHandler<S>,
  delivery: Delivery,
  item: DeliveredEvent,
): Promise<Disposition> => {
  const { context } = handler
  const since = context.clock.monotonic()
  const result = await resultOfAttempt(handler, delivery, item)
  const attempts = delivery.headers['x-attempt'] ?? 0
  const disposition = dispositionOf(
    result,
    attempts,
    handler.retryPolicy,
    failingMs(context, result, delivery),
  )
  const seen = () =>
    context.observer.processed(processedEventOf(result, disposition, item, timesOf(context, since)))
  if (disposition.do === 'ack' || disposition.do === 'requeue') {
    seen()
    return disposition
  }
  if ((await recordGivenUp(handler, delivery, item, disposition)) === 'handled')
    return handleOne(handler, delivery, item)
  logDisposition(handler, delivery, item, disposition)
  const part = { decoded: item.decoded, envelope: item.alone() }
  const about = { service: context.service, at: context.clock.now() }
  await handler.publisher.publish(retryCopyOf(delivery, part, disposition, about))
  // After the copy and before the acknowledgement: a crash in between tells it twice and never not at all.
  await reportFailure(context, failureNoticeOf(delivery, part, disposition, about))
  seen()
  return disposition
}

const timesOf = ({ clock }: SagaContext, since: number) => ({
  ms: clock.monotonic() - since,
  now: clock.now(),
})

/** Between half of the time since the first failure and all of it, so that what failed together does not come again together. */
const failingMs = (
  { clock, random }: SagaContext,
  { kind }: AttemptResult,
  { headers }: Delivery,
): number => {
  const since = Date.parse(headers['x-first-failed-at'] ?? '')
  if (kind !== 'unfinished' || Number.isNaN(since)) return 0
  return ((clock.now() - since) * (100 + random.int(101))) / 200
}

// The broker lets only the owner of a type use its key. Under the key of an inbox comes what its service or an operator sent back.
// What waits comes back under that key, so that nothing forged may wait, whether it can be read here or not.
const isForged = ({ key, queue }: Delivery, { type }: EventHeader) => key !== type && key !== queue

const resultOfAttempt = async <S>(
  handler: DeliveryHandler<S>,
  delivery: Delivery,
  item: DeliveredEvent,
): Promise<AttemptResult> => {
  const { decoded } = item
  const header = headerOf(decoded)
  if (header && isForged(delivery, header)) return { kind: 'poison', code: 'event-forged' }
  const from = { queue: delivery.queue, resend: delivery.headers['x-resend'], item }
  try {
    if ('event' in decoded) return await react(handler, decoded.event, from)
    if (decoded.newer) return await reactToNewer(handler, decoded.newer, from)
    return { kind: 'poison', code: decoded.error.code }
  } catch (error) {
    if (isStoreAway(error)) return { kind: 'down', code: codeOf(error) }
    if (!('event' in decoded)) return { kind: 'newer', code: codeOf(error) }
    const retry = error instanceof SagaError ? error.retry : 'later'
    return { kind: 'failed', code: codeOf(error), retry }
  }
}

type From = { readonly queue: string; readonly resend: string | undefined; readonly item: DeliveredEvent }

const react = <S>(
  { context, perSubject }: DeliveryHandler<S>,
  event: Event,
  { queue, resend, item }: From,
) => {
  const input = { event, resend }
  const work = () =>
    tracedHandling({ service: context.service.name, queue }, input, traced => handle(context, traced))
  if (!item.suspect) return perSubject.run(event.subject, work)
  return perSubject.runAlone(async () => {
    if (!item.counted) await markSuspect(context, input, maxSuspectTries)
    item.counted = true
    return work()
  })
}

/** What cannot be read here takes no process down, so that it is no suspect. */
const reactToNewer = async <S>(
  { context, perSubject }: DeliveryHandler<S>,
  event: EventHeader,
  from: From,
): Promise<AttemptResult> => {
  const about = { service: context.service.name, queue: from.queue }
  const work = () =>
    tracedHandling(about, { event, resend: from.resend }, traced => handleNewerVersion(context, traced))
  return (await perSubject.run(event.subject, work)) ?? { kind: 'newer', code: 'event-newer' }
}

/**
 * Writes down that the event is given up when that has to be on record before it is parked. `handled`: it was
 * applied after all, so it is not parked.
 */
const recordGivenUp = async <S>(
  { context }: DeliveryHandler<S>,
  delivery: Delivery,
  { decoded }: DeliveredEvent,
  disposition: Disposition,
): Promise<'marked' | 'handled' | 'not-needed'> => {
  if (disposition.do !== 'park' || !disposition.mark || !('event' in decoded)) return 'not-needed'
  const input = { event: decoded.event, resend: delivery.headers['x-resend'] }
  return markDead(context, input, disposition.reason)
}

const reportFailure = async (context: SagaContext, trouble: Notice | undefined): Promise<void> => {
  if (trouble) await context.reportNotice(trouble)
}

const logDisposition = <S>(
  { context }: DeliveryHandler<S>,
  delivery: Delivery,
  { decoded }: DeliveredEvent,
  disposition: Disposition,
) => {
  const header = headerOf(decoded)
  const about = header ? { event: header.id, [context.service.saga.subject.noun]: header.subject } : {}
  const { do: what, ...rest } = disposition
  context.log.warn(what === 'park' ? 'parked' : 'waits for another attempt', {
    ...about,
    messageId: delivery.messageId,
    type: delivery.type,
    ...rest,
  })
}
