import { headerOf } from '../../contract/envelope.ts'
import type { Delivery } from '../../messaging/broker.ts'
import { reportOf } from '../../runtime/error-report.ts'
import { logFailure } from '../../runtime/telemetry/failure-log.ts'
import { eventNames } from '../observe/log-names.ts'
import { failureOf } from '../process/failure-report.ts'
import { pipelineOf } from './pipeline.ts'
import { type ReceivedEvent, receivedEvents } from './received-event.ts'
import type { DeliveryHandler } from './stage.ts'

/**
 * What became of a delivery. It is kept while a dependency is away: `again` goes on with what is left of it.
 */
export type DeliveryState = 'acked' | KeptDelivery
export type KeptDelivery = { readonly again: () => Promise<DeliveryState> }

/**
 * Takes one delivery through the pipeline: it is acknowledged only when each of its events is applied, known,
 * waiting in a confirmed copy or parked in a confirmed copy. Otherwise it is kept, with what is left of it.
 * Never throws.
 */
export const handleDelivery = <S>(
  handler: DeliveryHandler<S>,
): ((delivery: Delivery) => Promise<DeliveryState>) => {
  const { concurrency, observer, log, service } = handler.context
  const process = pipelineOf(handler)

  const isKept = async (received: ReceivedEvent): Promise<boolean> => {
    try {
      return (await process(received)).do === 'keep'
    } catch (error) {
      const { decoded, delivery } = received
      const header = headerOf(decoded)
      const names = header ? eventNames(service.saga, header) : {}
      const report =
        'event' in decoded ? await failureOf(handler.context, error, decoded.event) : reportOf(error)
      logFailure(log, 'a delivery is held', report, { ...names, messageId: delivery.messageId })
      return true
    }
  }
  const processAll = async (delivery: Delivery, events: readonly ReceivedEvent[]): Promise<DeliveryState> => {
    await concurrency.enter(events.length)
    try {
      // No sooner than the last of them: what is kept may not be worked on any more.
      const kept = await Promise.all(events.map(isKept))
      const left = events.filter((_, i) => kept[i])
      if (left.length > 0) return { again: () => processAll(delivery, left) }
      delivery.ack()
      return 'acked'
    } finally {
      concurrency.leave(events.length)
    }
  }
  return delivery => {
    const events = receivedEvents(service.saga, delivery)
    observer.received(events.length)
    return processAll(delivery, events)
  }
}
