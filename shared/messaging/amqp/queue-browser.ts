import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib'
import { SagaError } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/telemetry/log.ts'
import { type Clock, sleep } from '../../runtime/time/clock.ts'
import type { BrowsedMessage, BrowseQueue, QueueBrowser } from '../queue-browser.ts'
import { browsedMessageOf } from './browsed-message.ts'
import { connectOnce } from './connection.ts'
import { causeOf } from './dial.ts'
import { lockQueue } from './queue-lock.ts'

type Options = {
  readonly url: string
  readonly clock: Clock
  readonly log: Log
}

/** What one consumer may hold; a quorum queue gives no consumer more than 2000. */
const window = 1_000
/** So long nothing came: look whether anything is left. */
const quietMs = 500
/** How many acknowledgements the broker works off at once, and how long it is given for more. */
const atOnce = 30
const workedOffMs = 500
/** How long the return of what was held may take, and how often to look. */
const backWithinMs = 1_000
const backEveryMs = 20

/** Browses through queues of RabbitMQ as a user who may read them; each walk has a connection of its own. */
export const amqpBrowseQueue =
  ({ url, clock, log }: Options): BrowseQueue =>
  async (queue, { limit, patienceMs }) => {
    const model = await connectOnce({ url, clock, log, name: `browses ${queue}` })
    try {
      await lockQueue(model, queue, { clock, patienceMs })
      return await begin(model, queue, limit, clock)
    } catch (error) {
      await model.close().catch(() => {})
      throw error
    }
  }

type State = {
  readonly channel: Channel
  readonly clock: Clock
  readonly queue: string
  readonly total: number
  readonly arrived: ConsumeMessage[]
  /** What is neither removed nor returned, by its tag, in the order of the queue. */
  readonly held: Map<number, ConsumeMessage>
  /** What was removed and is not acknowledged yet. */
  readonly removed: ConsumeMessage[]
  /** How many acknowledgements went out for one message each. */
  single: number
  /** How many consumers the browser has by now. */
  consumers: number
  met: number
  lost: SagaError | undefined
  wake: () => void
}

const begin = async (
  model: ChannelModel,
  queue: string,
  limit: number,
  clock: Clock,
): Promise<QueueBrowser> => {
  const channel = await model.createChannel()
  let state: State | undefined
  const lose = (cause?: unknown) => {
    if (!state || state.lost) return
    state.lost = new SagaError('broker-unavailable', `the browse ${queue} was cut off`, { cause })
    state.wake()
  }
  channel.on('error', lose)
  channel.on('close', () => lose())
  model.on('close', () => lose())
  const depth = (await depthOf(channel, queue)) || (await depthBeyondDoubt(model, queue))
  const total = Math.min(limit, depth)
  state = {
    channel,
    clock,
    queue,
    total,
    arrived: [],
    held: new Map(),
    removed: [],
    single: 0,
    consumers: 0,
    met: 0,
    lost: undefined,
    wake: () => {},
  }
  const walking = state
  return {
    total,
    next: () => next(walking),
    end: async () => {
      await putBack(walking, model).catch(() => {})
      await model.close().catch(() => {})
    },
  }
}

/** What AMQP says of a queue that is not there, or is not to be seen. */
const refusals = ['403', '404']

const depthOf = async (channel: Channel, queue: string): Promise<number> => {
  const { messageCount } = await channel.checkQueue(queue).catch(cause => {
    const { code, error: detail } = causeOf(cause)
    if (refusals.includes(code))
      throw new SagaError('broker-refused', `${queue}: ${detail}`, { retry: 'never', cause })
    throw new SagaError('broker-unavailable', `${queue} was not found out about`, { cause })
  })
  return messageCount
}

/**
 * Of a queue without a leader RabbitMQ says that it is empty; whoever asks for a message of it is refused. What
 * came meanwhile goes back with the channel.
 */
const depthBeyondDoubt = async (model: ChannelModel, queue: string): Promise<number> => {
  const looking = await model.createChannel()
  looking.on('error', () => {})
  const message = await looking.get(queue).catch(cause => {
    throw new SagaError('broker-unavailable', `${queue} does not answer`, { cause })
  })
  await looking.close()
  return message === false ? 0 : message.fields.messageCount + 1
}

const next = async (state: State): Promise<BrowsedMessage | undefined> => {
  if (state.met >= state.total) return undefined
  if (state.lost) throw state.lost
  const message = state.arrived.shift() ?? (await arrival(state))
  if (!message) return undefined
  state.met += 1
  const { deliveryTag } = message.fields
  return browsedMessageOf(state.queue, message, () => {
    if (!state.held.delete(deliveryTag)) return
    if (state.removed.push(message) === 1) state.clock.after(0, () => acknowledge(state))
  })
}

/**
 * What was removed at one time goes out as few acknowledgements: the broker works off thirty of a channel at
 * once, and forgets those that still wait for their turn when it closes. One for several reaches from the
 * first message on, so between what is held each needs its own.
 */
const acknowledge = (state: State): void => {
  const [lowestHeld = Number.POSITIVE_INFINITY] = state.held.keys()
  const removed = state.removed.splice(0).sort((a, b) => tagOf(a) - tagOf(b))
  if (state.lost) return
  const below = removed.findLast(message => tagOf(message) < lowestHeld)
  const others = removed.filter(message => tagOf(message) > lowestHeld)
  // A channel that is closing throws; what was to be removed then stays.
  try {
    if (below) state.channel.ack(below, true)
    for (const message of others) state.channel.ack(message)
    state.single += others.length
  } catch {}
}

const tagOf = ({ fields }: ConsumeMessage): number => fields.deliveryTag

/** The next message that the broker hands out; undefined when none is left. */
const arrival = async (state: State): Promise<ConsumeMessage | undefined> => {
  for (;;) {
    if (state.lost) throw state.lost
    const message = state.arrived.shift()
    if (message) return message
    // Each consumer can hold only so much, and what was met and stays is held to the end.
    if (state.held.size >= state.consumers * window) await consume(state)
    else if ((await quiet(state)) && (await depthOf(state.channel, state.queue)) === 0) return undefined
  }
}

const consume = async (state: State): Promise<void> => {
  const { channel, queue } = state
  const consumerTag = `walk.${String(state.consumers).padStart(4, '0')}`
  state.consumers += 1
  await channel.prefetch(window)
  await channel.consume(
    queue,
    message => {
      if (!message) return void channel.close().catch(() => {})
      state.held.set(message.fields.deliveryTag, message)
      state.arrived.push(message)
      state.wake()
    },
    { consumerTag },
  )
}

/** True when nothing came for a while. */
const quiet = async (state: State): Promise<boolean> => {
  if (state.arrived.length > 0 || state.lost) return false
  const asked = new AbortController()
  state.wake = () => asked.abort()
  await sleep(state.clock, quietMs, asked.signal)
  state.wake = () => {}
  return !asked.signal.aborted
}

/**
 * The end of the channel returns what it held, and the queue sorts it in. Rejecting message by message would
 * not keep the order: from about the thirtieth on the broker takes them together, in no order.
 */
const putBack = async (state: State, model: ChannelModel): Promise<void> => {
  if (state.lost) return
  acknowledge(state)
  const { channel, clock, queue, held } = state
  if (state.single > atOnce) await sleep(clock, workedOffMs)
  const back = held.size
  await channel.close().catch(() => {})
  if (back === 0) return
  const looking = await model.createChannel()
  looking.on('error', () => {})
  const end = clock.monotonic() + backWithinMs
  // Fewer come back when some expire or somebody else consumes: then the time is up.
  while (clock.monotonic() < end && (await depthOf(looking, queue)) < back) await sleep(clock, backEveryMs)
}
