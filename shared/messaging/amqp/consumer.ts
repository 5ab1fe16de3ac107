import type { Channel, ChannelModel } from 'amqplib'
import { errorFields } from '../../runtime/telemetry/failure-log.ts'
import { within } from '../../runtime/time/clock.ts'
import type { Consumer } from '../broker.ts'
import { type ChannelUse, keepChannel } from './channel.ts'
import {
  type ChannelSession,
  type ChannelSessionOptions,
  deliver,
  endSession,
  flushAll,
  newSession,
} from './channel-session.ts'
import { type ConnectionOptions, keepConnection } from './connection.ts'

export type ConsumerOptions = ConnectionOptions &
  ChannelSessionOptions & {
    readonly prefetch: number
    readonly onFreshStart?: () => void
  }

const goodbyeMs = 2_000
const delays = { base: 50, cap: 5_000 }

type State = {
  readonly options: ConsumerOptions
  /** What the channel is to do, this one and the next. */
  consume: boolean
  limit: number
  life: ChannelSession | undefined
  tags: number
}

/** Consumes one queue over a connection of its own; channel and connection come back by themselves. */
export const amqpConsumer = (options: ConsumerOptions): Consumer => {
  const state: State = { options, consume: true, limit: options.prefetch, life: undefined, tags: 0 }
  const connection = keepConnection(options, (model: ChannelModel, abandon) => {
    const make = () => model.createChannel()
    const kept = keepChannel({ ...options, make, abandon, delays, use: channel => live(state, channel) })
    return { down: kept.stop }
  })
  const want = (change: { consume: boolean } | { limit: number }) => {
    Object.assign(state, change)
    return adjust(state)
  }
  return {
    pause: () => want({ consume: false }),
    resume: () => void want({ consume: true }),
    prefetch: count => void want({ limit: Math.max(1, count) }),
    close: async () => {
      const paused = await within(options.clock, goodbyeMs, want({ consume: false }))
      // A broker that does not answer this will not answer the rest either.
      if (paused !== 'late') await within(options.clock, goodbyeMs, sayGoodbye(state))
      await connection.close()
    },
    get consuming() {
      return state.life?.tag !== undefined
    },
  }
}

const live = (state: State, channel: Channel): ChannelUse => {
  const session = newSession(channel)
  state.life = session
  void adjust(state)
  const gone = () => {
    endSession(session)
    if (state.life === session) state.life = undefined
  }
  return { failed: () => {}, gone }
}

// The close goes through the channel after the acknowledgements; the close of the connection would overtake
// them.
const sayGoodbye = async ({ life: session }: State): Promise<void> => {
  if (!session || session.over) return
  flushAll(session)
  await session.channel.close().catch(() => {})
}

/** Brings the channel, when there is one, to what is wanted; resolves when it is there, or gone. */
const adjust = (state: State): Promise<void> => {
  const { life: session, options } = state
  if (!session) return Promise.resolve()
  session.changes = session.changes
    .then(() => reach(state, session))
    .catch(async error => {
      if (session.over) return
      options.log.warn('the consumer could not be changed', { queue: options.queue, ...errorFields(error) })
      await session.channel.close().catch(() => {})
    })
  return session.changes
}

const reach = async (state: State, session: ChannelSession): Promise<void> => {
  while (!session.over) {
    if (!state.consume && !session.tag) return
    if (!state.consume) await cancel(session)
    else if (session.tag && session.limit === state.limit) return
    else await start(state, session)
  }
}

const cancel = async (session: ChannelSession): Promise<void> => {
  const tag = session.tag
  session.tag = undefined
  if (tag) await session.channel.cancel(tag)
}

/**
 * Starts a consumer, in place of the one with another limit if there is one: a limit holds for the consumers
 * that start after it. The old one's unanswered deliveries stay valid.
 */
const start = async (state: State, session: ChannelSession): Promise<void> => {
  const { options } = state
  if (session.fresh) options.onFreshStart?.()
  session.fresh = false
  const limit = state.limit
  state.tags += 1
  const consumerTag = `${options.name}.${state.tags}`
  const old = session.tag
  await session.channel.prefetch(limit)
  await session.channel.consume(options.queue, message => deliver(session, options, message), { consumerTag })
  if (session.over) return
  session.tag = consumerTag
  session.limit = limit
  if (old) await session.channel.cancel(old)
}
