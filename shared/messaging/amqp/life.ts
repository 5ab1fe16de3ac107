import type { Channel, ConsumeMessage, Message } from 'amqplib'
import type { Clock } from '../../runtime/clock.ts'
import { codeOf } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/log.ts'
import type { OnDelivery } from '../broker.ts'
import { type Acks, acks } from './acks.ts'
import { deliveryOf } from './delivery.ts'

export type LifeOptions = {
  readonly queue: string
  readonly onDelivery: OnDelivery
  /** The longest that an acknowledgement waits for others. */
  readonly ackEveryMs: number
  readonly clock: Clock
  readonly log: Log
}

/** One channel and everything delivered on it. What belongs to a life that is over has no effect any more: it comes again in the next. */
export type Life = {
  readonly channel: Channel
  readonly acks: Acks
  over: boolean
  /** The consumer that gets deliveries now, and how many may be out. */
  tag: string | undefined
  limit: number
  /** Nothing was consumed yet. */
  fresh: boolean
  /** The changes of tag and limit, one after the other. */
  changes: Promise<void>
  cancelTimer: (() => void) | undefined
}

export const newLife = (channel: Channel): Life => ({
  ...{ channel, acks: acks(), over: false, tag: undefined, limit: 0, fresh: true },
  ...{ changes: Promise.resolve(), cancelTimer: undefined },
})

/** The channel is gone: what is unanswered comes again, and its late answers are dropped. */
export const endLife = (life: Life): void => {
  life.over = true
  life.tag = undefined
  life.cancelTimer?.()
}

/** Hands a delivery over. `null` is the broker's word that it cancelled the consumer: the queue is gone, or an answer took too long. */
export const arrive = (life: Life, options: LifeOptions, message: ConsumeMessage | null): void => {
  if (life.over) return
  if (message) hand(life, options, message)
  else cancelled(life, options)
}

const hand = (life: Life, options: LifeOptions, message: ConsumeMessage): void => {
  const { queue, onDelivery, log } = options
  const tag = message.fields.deliveryTag
  life.acks.delivered(tag)
  const delivery = deliveryOf(queue, message, answersTo(life, options, tag))
  try {
    onDelivery(delivery)
  } catch (error) {
    // Thrown into the driver it would close the channel, and every other delivery would come again.
    log.error('a delivery was not taken', { queue, messageId: delivery.messageId, code: codeOf(error) })
    delivery.requeue()
  }
}

const cancelled = (life: Life, { queue, log }: LifeOptions): void => {
  log.warn('the broker cancelled a consumer', { queue })
  life.tag = undefined
  life.channel.close().catch(() => {})
}

const answersTo = (life: Life, options: LifeOptions, tag: number) => ({
  ack: () => {
    if (!life.over && life.acks.acked(tag)) schedule(life, options)
  },
  requeue: () => {
    if (life.over || !life.acks.returned(tag)) return
    // Not nack: since RabbitMQ 4.3 it is not counted, and a killer message would go round for ever.
    say(() => life.channel.reject(deliveryWith(tag), true))
    schedule(life, options)
  },
})

const schedule = (life: Life, { clock, ackEveryMs }: LifeOptions): void => {
  if (life.acks.ready >= Math.max(1, Math.floor(life.limit / 4))) flush(life)
  else if (life.acks.ready > 0)
    life.cancelTimer ??= clock.after(ackEveryMs, () => {
      life.cancelTimer = undefined
      if (!life.over) flush(life)
    })
  // One delivery that takes long must not use up the limit by keeping the acknowledgements of all others waiting.
  if (life.acks.behind >= Math.max(1, Math.floor(life.limit / 2))) flushBehind(life)
}

/** Sends every acknowledgement that waits, for the channel is about to close. */
export const flushAll = (life: Life): void => {
  flush(life)
  flushBehind(life)
}

const flushBehind = (life: Life): void => {
  for (const tag of life.acks.takeBehind()) say(() => life.channel.ack(deliveryWith(tag)))
}

const flush = (life: Life): void => {
  life.cancelTimer?.()
  life.cancelTimer = undefined
  const tag = life.acks.takeReady()
  if (tag !== undefined) say(() => life.channel.ack(deliveryWith(tag), true))
}

// The tag is all that the driver reads; the message itself would keep its chunk of the socket in memory.
const deliveryWith = (deliveryTag: number) => ({ fields: { deliveryTag } }) as Message

// A channel that is closing throws: its deliveries come again.
const say = (send: () => void): void => {
  try {
    send()
  } catch {}
}
