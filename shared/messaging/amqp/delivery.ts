import type { ConsumeMessage } from 'amqplib'
import type { Delivery, Headers } from '../broker.ts'

/** An AMQP message as the port's delivery, with its answers. */
export const deliveryOf = (
  queue: string,
  { content, fields, properties }: ConsumeMessage,
  answers: Pick<Delivery, 'ack' | 'requeue'>,
): Delivery => ({
  queue,
  key: fields.routingKey,
  // The content is a view on a chunk of the socket, which it would keep in memory as long as it is held.
  body: Buffer.from(content),
  contentType: text(properties.contentType),
  type: text(properties.type),
  messageId: text(properties.messageId),
  correlationId: text(properties.correlationId),
  headers: headersOf(properties.headers ?? {}),
  // The queue writes its count over what a stranger sent, but not at the first delivery, when there is
  // nothing to count.
  earlierDeliveries: fields.redelivered ? (count(properties.headers?.['x-delivery-count']) ?? 0) : 0,
  ...answers,
})

// What is longer was forged, or made longer by bytes that are no text: a copy that carries it could not be
// sent.
const longestText = 255

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && Buffer.byteLength(value) <= longestText ? value : undefined

const count = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined

/** The headers that travel, and nothing of what brokers and strangers add. */
const headersOf = (from: Record<string, unknown>): Headers => {
  const attempt = count(from['x-attempt'])
  const known = texts.flatMap(name => {
    const value = text(from[name])
    return value === undefined ? [] : [[name, value]]
  })
  return { ...(attempt === undefined ? {} : { 'x-attempt': attempt }), ...Object.fromEntries(known) }
}

const texts = [
  ...['x-first-failed-at', 'x-reason', 'x-error', 'x-error-at', 'x-origin-key', 'x-resend'],
] as const satisfies readonly (keyof Headers)[]
