import { type ConfirmChannel, type ConsumeMessage, connect } from 'amqplib'
import { Event, exchange, heard } from './events.ts'
import { places } from './places.ts'

const prefetch = 50
const deliveryLimit = 20
const againMs = 500

/** Publishes one event as one persistent message; resolves when the broker has confirmed it. */
export type Publish = (event: Event) => Promise<void>

const declare = async (channel: ConfirmChannel, service: string): Promise<string> => {
  const [queue, letters] = [`${service}.inbox`, `${service}.dlq`]
  await channel.assertExchange(exchange, 'topic', { durable: true })
  await channel.assertQueue(letters, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
  await channel.assertQueue(queue, {
    durable: true,
    deadLetterExchange: '',
    deadLetterRoutingKey: letters,
    arguments: { 'x-queue-type': 'quorum', 'x-delivery-limit': deliveryLimit },
  })
  for (const type of heard[service] ?? []) await channel.bindQueue(queue, exchange, type)
  return queue
}

const publisher =
  (channel: ConfirmChannel): Publish =>
  event =>
    new Promise((resolve, reject) => {
      const options = { persistent: true, messageId: event.id, type: event.type }
      const content = Buffer.from(JSON.stringify(event))
      channel.publish(exchange, event.type, content, options, error => (error ? reject(error) : resolve()))
    })

/** Connects a service: declares what it needs, hands each message to `handle`, and acknowledges it when that has resolved. */
export const connectService = async (
  service: string,
  handle: (event: Event, publish: Publish) => Promise<void>,
): Promise<Publish> => {
  const connection = await connect(places.amqpUrl)
  const channel = await connection.createConfirmChannel()
  const queue = await declare(channel, service)
  const publish = publisher(channel)
  const take = async (message: ConsumeMessage) => {
    try {
      await handle(Event.parse(JSON.parse(message.content.toString())), publish)
      channel.ack(message)
    } catch (error) {
      process.stderr.write(`${service}: ${error}\n`)
      setTimeout(() => channel.nack(message, false, true), againMs)
    }
  }
  await channel.prefetch(prefetch)
  await channel.consume(queue, message => void (message && take(message)))
  return publish
}
