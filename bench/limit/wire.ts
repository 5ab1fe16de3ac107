import { type ConsumeMessage, connect } from 'amqplib'
import { perOrder, steps, together } from './profile.ts'

const prefetch = 64
const filler = 'x'.repeat(perOrder.eventBytes)

/** Orders that go from step to step as envelopes of several events. */
export type Wire = {
  /** Publishes one event of each of these orders to a step, in envelopes; resolves when all are confirmed. */
  send(step: number, orderIds: readonly string[]): Promise<void>
}

/** What a step does with the orders of several messages, before they are acknowledged. */
export type Take = (step: number, orderIds: readonly string[]) => Promise<void>

const queueOf = (step: number) => `limit.${steps[step]?.service}`

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size))

const encode = (orderIds: readonly string[]) =>
  Buffer.from(JSON.stringify(orderIds.map(id => ({ id, data: filler.slice(id.length + 20) }))))

const decode = ({ content }: ConsumeMessage) =>
  (JSON.parse(content.toString()) as { id: string }[]).map(({ id }) => id)

/**
 * Connects all steps: quorum queues, confirmed persistent messages, acknowledged when what they cause is
 * confirmed.
 */
export const openWire = async (url: string, take: Take): Promise<Wire> => {
  const connection = await connect(url)
  const sender = await connection.createConfirmChannel()
  for (const step of steps.keys())
    await sender.assertQueue(queueOf(step), { durable: true, arguments: { 'x-queue-type': 'quorum' } })
  const publish = (queue: string, body: Buffer) =>
    new Promise<void>((resolve, reject) => {
      sender.sendToQueue(queue, body, { persistent: true }, error => (error ? reject(error) : resolve()))
    })
  const send = async (step: number, orderIds: readonly string[]) => {
    await Promise.all(chunks(orderIds, together.events).map(some => publish(queueOf(step), encode(some))))
  }
  for (const step of steps.keys()) {
    const channel = await connection.createChannel()
    await channel.prefetch(prefetch)
    let waiting: ConsumeMessage[] = []
    let busy = false
    const turn = async () => {
      while (waiting.length > 0) {
        const messages = waiting
        waiting = []
        await take(step, messages.flatMap(decode))
        const last = messages.at(-1)
        if (last) channel.ack(last, true)
      }
      busy = false
    }
    await channel.consume(queueOf(step), message => {
      if (!message) return
      waiting.push(message)
      if (busy) return
      busy = true
      setImmediate(() => void turn())
    })
  }
  return { send }
}
