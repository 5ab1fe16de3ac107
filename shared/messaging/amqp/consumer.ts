import type { Channel, ChannelModel } from 'amqplib'
import { within } from '../../runtime/clock.ts'
import { codeOf } from '../../runtime/errors.ts'
import type { Consumer } from '../broker.ts'
import { type ChannelUse, keepChannel } from './channel.ts'
import { type ConnectionOptions, keepConnection } from './connection.ts'
import { arrive, endLife, flushAll, type Life, type LifeOptions, newLife } from './life.ts'

export type ConsumerOptions = ConnectionOptions &
  LifeOptions & {
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
  life: Life | undefined
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
  const life = newLife(channel)
  state.life = life
  void adjust(state)
  const gone = () => {
    endLife(life)
    if (state.life === life) state.life = undefined
  }
  return { failed: () => {}, gone }
}

// The close goes through the channel after the acknowledgements; the close of the connection would overtake them.
const sayGoodbye = async ({ life }: State): Promise<void> => {
  if (!life || life.over) return
  flushAll(life)
  await life.channel.close().catch(() => {})
}

/** Brings the channel, when there is one, to what is wanted; resolves when it is there, or gone. */
const adjust = (state: State): Promise<void> => {
  const { life, options } = state
  if (!life) return Promise.resolve()
  life.changes = life.changes
    .then(() => reach(state, life))
    .catch(async error => {
      if (life.over) return
      options.log.warn('the consumer could not be changed', { queue: options.queue, code: codeOf(error) })
      await life.channel.close().catch(() => {})
    })
  return life.changes
}

const reach = async (state: State, life: Life): Promise<void> => {
  while (!life.over) {
    if (!state.consume && !life.tag) return
    if (!state.consume) await cancel(life)
    else if (life.tag && life.limit === state.limit) return
    else await start(state, life)
  }
}

const cancel = async (life: Life): Promise<void> => {
  const tag = life.tag
  life.tag = undefined
  if (tag) await life.channel.cancel(tag)
}

/**
 * Starts a consumer, in place of the one with another limit if there is one: a limit holds for the consumers that start after it.
 * The old one's unanswered deliveries stay valid.
 */
const start = async (state: State, life: Life): Promise<void> => {
  const { options } = state
  if (life.fresh) options.onFreshStart?.()
  life.fresh = false
  const limit = state.limit
  state.tags += 1
  const consumerTag = `${options.name}.${state.tags}`
  const old = life.tag
  await life.channel.prefetch(limit)
  await life.channel.consume(options.queue, message => arrive(life, options, message), { consumerTag })
  if (life.over) return
  life.tag = consumerTag
  life.limit = limit
  if (old) await life.channel.cancel(old)
}
