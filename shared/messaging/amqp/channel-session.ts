import type { Channel, ConsumeMessage, Message } from 'amqplib'
import { errorFields } from '../../runtime/telemetry/failure-log.ts'
import type { Log } from '../../runtime/telemetry/log.ts'
import type { Clock } from '../../runtime/time/clock.ts'
import type { OnDelivery } from '../broker.ts'
import { type Acks, acks } from './acks.ts'
import { deliveryOf } from './delivery.ts'

export type ChannelSessionOptions = {
  readonly queue: string
  readonly onDelivery: OnDelivery
  /** The longest that an acknowledgement waits for others. */
  readonly ackEveryMs: number
  readonly clock: Clock
  readonly log: Log
}

/**
 * One channel and everything delivered on it. What belongs to a life that is over has no effect any more: it
 * comes again in the next.
 */
export type ChannelSession = {
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

export const newSession = (channel: Channel): ChannelSession => ({
  ...{ channel, acks: acks(), over: false, tag: undefined, limit: 0, fresh: true },
  ...{ changes: Promise.resolve(), cancelTimer: undefined },
})

/** The channel is gone: what is unanswered comes again, and its late answers are dropped. */
export const endSession = (session: ChannelSession): void => {
  session.over = true
  session.tag = undefined
  session.cancelTimer?.()
}

/**
 * Hands a delivery over. `null` is the broker's word that it cancelled the consumer: the queue is gone, or an
 * answer took too long.
 */
export const deliver = (
  session: ChannelSession,
  options: ChannelSessionOptions,
  message: ConsumeMessage | null,
): void => {
  if (session.over) return
  if (message) hand(session, options, message)
  else cancelled(session, options)
}

const hand = (session: ChannelSession, options: ChannelSessionOptions, message: ConsumeMessage): void => {
  const { queue, onDelivery, log } = options
  const tag = message.fields.deliveryTag
  session.acks.delivered(tag)
  const delivery = deliveryOf(queue, message, answersTo(session, options, tag))
  try {
    onDelivery(delivery)
  } catch (error) {
    // Thrown into the driver it would close the channel, and every other delivery would come again.
    log.error('a delivery was not taken', { queue, messageId: delivery.messageId, ...errorFields(error) })
    delivery.requeue()
  }
}

const cancelled = (session: ChannelSession, { queue, log }: ChannelSessionOptions): void => {
  log.warn('the broker cancelled a consumer', { queue })
  session.tag = undefined
  session.channel.close().catch(() => {})
}

const answersTo = (session: ChannelSession, options: ChannelSessionOptions, tag: number) => ({
  ack: () => {
    if (!session.over && session.acks.acked(tag)) schedule(session, options)
  },
  requeue: () => {
    if (session.over || !session.acks.returned(tag)) return
    // Not nack: since RabbitMQ 4.3 it is not counted, and a killer message would go round for ever.
    say(() => session.channel.reject(deliveryWith(tag), true))
    schedule(session, options)
  },
})

const schedule = (session: ChannelSession, { clock, ackEveryMs }: ChannelSessionOptions): void => {
  if (session.acks.ready >= Math.max(1, Math.floor(session.limit / 4))) flush(session)
  else if (session.acks.ready > 0)
    session.cancelTimer ??= clock.after(ackEveryMs, () => {
      session.cancelTimer = undefined
      if (!session.over) flush(session)
    })
  // One delivery that takes long must not use up the limit by keeping the acknowledgements of all others
  // waiting.
  if (session.acks.behind >= Math.max(1, Math.floor(session.limit / 2))) flushBehind(session)
}

/** Sends every acknowledgement that waits, for the channel is about to close. */
export const flushAll = (session: ChannelSession): void => {
  flush(session)
  flushBehind(session)
}

const flushBehind = (session: ChannelSession): void => {
  for (const tag of session.acks.takeBehind()) say(() => session.channel.ack(deliveryWith(tag)))
}

const flush = (session: ChannelSession): void => {
  session.cancelTimer?.()
  session.cancelTimer = undefined
  const tag = session.acks.takeReady()
  if (tag !== undefined) say(() => session.channel.ack(deliveryWith(tag), true))
}

// The tag is all that the driver reads; the message itself would keep its chunk of the socket in memory.
const deliveryWith = (deliveryTag: number) => ({ fields: { deliveryTag } }) as Message

// A channel that is closing throws: its deliveries come again.
const say = (send: () => void): void => {
  try {
    send()
  } catch {}
}
