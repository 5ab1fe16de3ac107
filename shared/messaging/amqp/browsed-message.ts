import type { ConsumeMessage } from 'amqplib'
import type { BrokerDeath, BrowsedMessage } from '../queue-browser.ts'
import { deliveryOf } from './delivery.ts'

/** An AMQP message as a browser shows it. */
export const browsedMessageOf = (
  queue: string,
  message: ConsumeMessage,
  remove: () => void,
): BrowsedMessage => {
  const { ack: _, requeue: __, earlierDeliveries: ___, ...delivery } = deliveryOf(queue, message, unanswered)
  const { timestamp, headers } = message.properties
  return {
    ...delivery,
    sentAt: typeof timestamp === 'number' ? timestamp * 1000 : undefined,
    death: deathOf(headers?.['x-death']),
    remove,
  }
}

const unanswered = { ack: () => {}, requeue: () => {} }

/** What the broker wrote when it moved the message by itself, newest first. */
const deathOf = (deaths: unknown): BrokerDeath | undefined => {
  const [death] = Array.isArray(deaths) ? (deaths as Record<string, unknown>[]) : []
  if (!death) return undefined
  const [key] = Array.isArray(death['routing-keys']) ? death['routing-keys'] : []
  return {
    reason: String(death.reason ?? 'unknown').replaceAll('_', '-'),
    key: typeof key === 'string' ? key : undefined,
    at: secondsOf(death.time),
  }
}

const secondsOf = (time: unknown): number | undefined => {
  const value = typeof time === 'object' && time !== null && 'value' in time ? time.value : undefined
  return typeof value === 'number' ? value * 1000 : undefined
}
