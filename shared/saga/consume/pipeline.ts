import { headerOf } from '../../contract/envelope.ts'
import type { EventHeader } from '../../contract/event.ts'
import type { Delivery } from '../../messaging/broker.ts'
import { type ErrorReport, reportOf } from '../../runtime/error-report.ts'
import { codeOf, isStoreAway, SagaError } from '../../runtime/errors.ts'
import { traced } from '../observe/message-spans.ts'
import { failureOf } from '../process/failure-report.ts'
import { handle, handleNewerVersion } from '../process/handle.ts'
import { markSuspect } from '../process/park.ts'
import { disposed } from './dispose.ts'
import type { Disposition } from './disposition.ts'
import { measured } from './processed-event.ts'
import { inputOf, type ReceivedEvent } from './received-event.ts'
import type { Attempt, DeliveryHandler } from './stage.ts'

/**
 * The way of one event through an instance. Each stage is one function that hands the event to the stage
 * below it, and sees what comes back:
 *
 * 1. received: `handleDelivery` takes a delivery within the concurrency limit
 * 2. decoded: `receivedEvents` reads every event in it
 * 3. measured, disposed, classified, authentic, in order, traced: as composed here
 * 4. deduplicated, decided, committed, published, confirmed: `handle`, in this order
 * 5. acknowledged: `handleDelivery`, when every event of the delivery is done with
 *
 * What the ports do is measured and traced by the same means, around the port: `observedBroker`,
 * `observedStore`, `tracedPublish`.
 */
export const pipelineOf = <S>(
  handler: DeliveryHandler<S>,
): ((received: ReceivedEvent) => Promise<Disposition>) => {
  const { context } = handler
  const inSpan = traced(context.service.name, handled(handler))
  const attempt = classified(handler, authentic(inOrder(handler, inSpan)))
  return measured(context, disposed(handler, attempt))
}

/** An error becomes a result: it says whose fault it is. */
const classified =
  <S>({ context }: DeliveryHandler<S>, next: Attempt): Attempt =>
  async received => {
    try {
      return await next(received)
    } catch (error) {
      if (isStoreAway(error)) return { kind: 'down', code: codeOf(error) }
      if (!('event' in received.decoded)) return { kind: 'newer', code: codeOf(error) }
      const retry = error instanceof SagaError ? error.retry : 'later'
      const report = await failureOf(context, error, received.decoded.event)
      return { kind: 'failed', code: codeOf(error), retry, report }
    }
  }

// The broker lets only the owner of a type use its key. Under the key of an inbox comes what its service or
// an operator sent back. What waits comes back under that key, so that nothing forged may wait, whether it
// can be read here or not.
const isForged = ({ key, queue }: Delivery, { type }: EventHeader) => key !== type && key !== queue

// What a stranger sent says nothing about our code.
const refusalReport = (refusal: SagaError): ErrorReport => {
  const { code, error = '' } = reportOf(refusal)
  return { code, error, unexpected: false }
}

/** What cannot be read, or comes from who may not send it, goes no further. */
const authentic =
  (next: Attempt): Attempt =>
  async received => {
    const { decoded, delivery } = received
    const header = headerOf(decoded)
    if (header && isForged(delivery, header)) return { kind: 'poison', code: 'event-forged' }
    if (!header && 'error' in decoded) {
      const { error } = decoded
      return { kind: 'poison', code: error.code, report: refusalReport(error) }
    }
    return next(received)
  }

const maxSuspectTries = 3

/**
 * One event of a subject at a time; a suspect when nothing else runs, and counted before. What cannot be read
 * here is no suspect.
 */
const inOrder =
  <S>({ context, perSubject }: DeliveryHandler<S>, next: Attempt): Attempt =>
  received => {
    const { decoded, suspect } = received
    if (!suspect || !('event' in decoded))
      return perSubject.run(headerOf(decoded)?.subject ?? '', () => next(received))
    const input = inputOf(received, decoded.event)
    return perSubject.runAlone(async () => {
      if (!received.counted) await markSuspect(context, input, maxSuspectTries)
      received.counted = true
      return next(received)
    })
  }

/** The protocol itself. */
const handled =
  <S>({ context }: DeliveryHandler<S>): Attempt =>
  async received => {
    const { decoded } = received
    if ('event' in decoded) return handle(context, inputOf(received, decoded.event))
    const known = decoded.newer && (await handleNewerVersion(context, inputOf(received, decoded.newer)))
    return known ?? { kind: 'newer', code: 'event-newer', report: refusalReport(decoded.error) }
  }
