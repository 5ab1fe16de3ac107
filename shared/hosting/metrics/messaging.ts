import type { Broker, Delivery, OutgoingMessage, Publisher } from '../../messaging/broker.ts'
import { codeOf } from '../../runtime/errors.ts'
import { type Metrics, secondsOfWork } from '../../runtime/telemetry/metrics.ts'
import type { Clock } from '../../runtime/time/clock.ts'

const destination = ['messaging_system', 'messaging_destination_name'] as const
const of = (name: string) => ({ messaging_system: 'rabbitmq', messaging_destination_name: name })

/**
 * A broker whose messages are counted and timed, under the names that OpenTelemetry gives to the metrics of
 * messaging.
 */
export const observedBroker = (broker: Broker, metrics: Metrics, clock: Clock): Broker => {
  const sending = sendingOf(metrics, clock)
  const receiving = receivingOf(metrics, clock)
  return {
    publisher: () => {
      const publisher = broker.publisher()
      return {
        publish: message => sending(publisher, message),
        close: ms => publisher.close(ms),
        get connected() {
          return publisher.connected
        },
        get blocked() {
          return publisher.blocked ?? false
        },
      }
    },
    consumer: options =>
      broker.consumer({ ...options, onDelivery: delivery => options.onDelivery(receiving(delivery)) }),
  }
}

const sendingOf = (metrics: Metrics, clock: Clock) => {
  const sent = metrics.counter({
    name: 'messaging_client_sent_messages_total',
    help: 'Messages that were published, by exchange and by the error that they met (empty: confirmed).',
    labels: [...destination, 'error_type'],
  })
  const taking = metrics.histogram({
    name: 'messaging_client_operation_duration_seconds',
    help: 'Time from publishing a message to its confirm.',
    labels: destination,
    buckets: secondsOfWork,
  })
  return async (publisher: Publisher, message: OutgoingMessage): Promise<void> => {
    const since = clock.monotonic()
    const labels = of(message.exchange)
    try {
      await publisher.publish(message)
      sent({ ...labels, error_type: '' })
    } catch (error) {
      sent({ ...labels, error_type: codeOf(error) })
      throw error
    }
    taking(labels, (clock.monotonic() - since) / 1_000)
  }
}

const receivingOf = (metrics: Metrics, clock: Clock) => {
  const consumed = metrics.counter({
    name: 'messaging_client_consumed_messages_total',
    help: 'Messages that were delivered, by queue.',
    labels: destination,
  })
  const processing = metrics.histogram({
    name: 'messaging_process_duration_seconds',
    help: 'Time from the delivery of a message to its acknowledgement or return.',
    labels: destination,
    buckets: secondsOfWork,
  })
  return (delivery: Delivery): Delivery => {
    const since = clock.monotonic()
    const labels = of(delivery.queue)
    consumed(labels)
    const answered = (answer: () => void) => () => {
      processing(labels, (clock.monotonic() - since) / 1_000)
      answer()
    }
    return { ...delivery, ack: answered(() => delivery.ack()), requeue: answered(() => delivery.requeue()) }
  }
}
