import type { Channel, ChannelModel } from 'amqplib'
import { SagaError } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/telemetry/log.ts'
import { type Clock, within } from '../../runtime/time/clock.ts'
import type { QueueCount, ReadCounts } from '../queue-counts.ts'
import { connectOnce } from './connection.ts'
import { causeOf } from './dial.ts'

type Options = {
  readonly url: string
  readonly clock: Clock
  readonly log: Log
}

/** For all queues together; a queue without a leader takes half a second of it. */
const patienceMs = 10_000
const missing = '404'

/**
 * Counts queues of RabbitMQ by declaring them passively, over a connection of its own: this needs no
 * statistics of the management plugin, which may be switched off, and are seconds old where they are not.
 */
export const amqpCounts =
  ({ url, clock, log }: Options): ReadCounts =>
  async queues => {
    const model = await connectOnce({ url, clock, log, name: 'counts queues' })
    try {
      const counted = await within(clock, patienceMs, countAll(model, queues))
      if (counted === 'late') throw new SagaError('broker-unavailable', 'the queues were not counted in time')
      return counted.value
    } finally {
      await model.close().catch(() => {})
    }
  }

const countAll = async (
  model: ChannelModel,
  queues: readonly string[],
): Promise<ReadonlyMap<string, QueueCount>> => {
  const counts = new Map<string, QueueCount>()
  let channel = await open(model)
  for (const queue of queues)
    try {
      counts.set(queue, await count(channel, queue))
    } catch (cause) {
      if (causeOf(cause).code !== missing)
        throw new SagaError('broker-unavailable', `${queue} was not counted`, { cause })
      // The broker closes a channel that asked for a queue which is not there.
      channel = await open(model)
    }
  return counts
}

const open = async (model: ChannelModel): Promise<Channel> => {
  const channel = await model.createChannel()
  channel.on('error', () => {})
  return channel
}

/**
 * A leader that does not answer RabbitMQ within 250 ms has, by its word, no messages and no consumers: that
 * is asked twice.
 */
const count = async (channel: Channel, queue: string): Promise<QueueCount> => {
  const first = await channel.checkQueue(queue)
  const isNothing = first.messageCount === 0 && first.consumerCount === 0
  const { messageCount, consumerCount } = isNothing ? await channel.checkQueue(queue) : first
  return { ready: messageCount, consumers: consumerCount }
}
