import type { ConfirmChannel } from 'amqplib'
import { within } from '../../runtime/time/clock.ts'
import type { OutgoingMessage, Publisher } from '../broker.ts'
import { type ChannelUse, keepChannel } from './channel.ts'
import { type AbandonConnection, type ConnectionOptions, keepConnection } from './connection.ts'
import { type InFlight, inFlight, lossOf, type PendingPublish, refusalOf } from './in-flight.ts'
import { notSent, propertiesOf, unavailable, unroutable } from './outgoing.ts'
import { type Refusals, refusals } from './refusals.ts'

export type PublisherOptions = ConnectionOptions & {
  /** How long a message may wait for its confirm, and for its turn while nothing moves. */
  readonly confirmTimeoutMs: number
  /** How many messages may be unconfirmed at once. */
  readonly window: number
  /** Who sends; AMQP `appId`. */
  readonly appId: string
}

// Short, for one refused message closes the channel of all.
const delays = { base: 50, cap: 1_000 }
/** So long (ms) a channel that is given up waits for the confirms of what others sent on it. */
const drainMs = 1_000

/** An open channel with what is unconfirmed on it. */
type Line = {
  readonly channel: ConfirmChannel
  readonly sent: InFlight
  readonly abandon: AbandonConnection
  readonly openedAt: number
  /** The socket does not keep up; `drain` follows. */
  full: boolean
  /** Why the broker closes the channel. */
  failure: Error | undefined
  /** Nothing more is sent on it, and this ends it. */
  retire: (() => void) | undefined
}

type State = {
  readonly options: PublisherOptions
  /** In the order of their calls. */
  readonly waiting: Set<PendingPublish>
  line: Line | undefined
  /** The broker is short of memory or disk. */
  blocked: boolean
  closing: boolean
  readonly refusals: Refusals
  /** When the broker last confirmed something. */
  progressAt: number
  cancelTimer: (() => void) | undefined
  onIdle: () => void
}

/** Publishes over a connection that comes back by itself; the port says what each rejection means. */
export const amqpPublisher = (options: PublisherOptions): Publisher => {
  const state: State = {
    ...{ options, waiting: new Set(), line: undefined, blocked: false, closing: false },
    ...{ progressAt: options.clock.monotonic(), cancelTimer: undefined, onIdle: () => {} },
    refusals: refusals(),
  }
  const connection = keepConnection(options, (model, abandon) => {
    const make = () => model.createConfirmChannel()
    const use = (channel: ConfirmChannel) => openLine(state, channel, abandon)
    const kept = keepChannel({ ...options, make, abandon, delays, use })
    const blocked = (now: boolean) => {
      state.blocked = now
      pump(state)
    }
    const down = () => {
      state.blocked = false
      kept.stop()
    }
    return { blocked, down }
  })
  return {
    publish: message => publish(state, message),
    close: async ms => {
      await finish(state, ms)
      await connection.close()
    },
    get connected() {
      return state.line !== undefined
    },
    get blocked() {
      return state.blocked
    },
  }
}

const publish = (state: State, message: OutgoingMessage): Promise<void> =>
  new Promise((resolve, reject) => {
    if (state.closing) return reject(unavailable(message, 'the publisher is closed'))
    const since = state.options.clock.monotonic()
    state.waiting.add({ message, resolve, reject, since, unroutable: false, late: false })
    pump(state)
  })

const openLine = (state: State, channel: ConfirmChannel, abandon: AbandonConnection): ChannelUse => {
  const openedAt = state.options.clock.monotonic()
  const line: Line = {
    channel,
    sent: inFlight(),
    abandon,
    openedAt,
    full: false,
    failure: undefined,
    retire: undefined,
  }
  channel.on('return', ({ fields, properties }) =>
    line.sent.returned(String(properties.messageId), fields.exchange, fields.routingKey),
  )
  channel.on('drain', () => {
    line.full = false
    pump(state)
  })
  state.line = line
  pump(state)
  const failed = (error: Error) => Object.assign(line, { failure: error })
  return { failed, gone: () => loseLine(state, line) }
}

const loseLine = (state: State, line: Line): void => {
  if (state.line === line) state.line = undefined
  for (const { message, reject } of line.sent.all()) reject(lossOf(message, line.failure))
  watch(state)
}

const pump = (state: State): void => {
  const { line, waiting, blocked, options } = state
  while (line && !blocked && !line.full && line.sent.size < options.window) {
    const [next] = waiting
    if (!next) break
    waiting.delete(next)
    send(state, line, next)
  }
  watch(state)
}

const send = (state: State, line: Line, pending: PendingPublish): void => {
  const { exchange, key, body } = pending.message
  pending.since = state.options.clock.monotonic()
  line.sent.add(pending)
  try {
    const properties = propertiesOf(pending, state.options)
    const end = (error: unknown) => confirmed(state, line, pending, error)
    line.full = !line.channel.publish(exchange, key, body, properties, end)
  } catch (cause) {
    line.sent.remove(pending)
    pending.reject(notSent(pending.message, cause))
  }
}

const confirmed = (state: State, line: Line, pending: PendingPublish, error: unknown): void => {
  line.sent.remove(pending)
  if (line.sent.size === 0) line.retire?.()
  if (error) {
    pending.reject(refusalOf(pending.message, error, line.failure))
    state.refusals.refused(pending.message)
    replaceWhenOld(state, line)
    // Of a closing channel this comes before its end does, and nothing may be sent on it.
    queueMicrotask(() => pump(state))
    return
  }
  state.progressAt = state.options.clock.monotonic()
  state.refusals.taken(pending.message)
  if (pending.unroutable) pending.reject(unroutable(pending.message))
  else pending.resolve()
  pump(state)
}

/** One timer for all: it fires when the oldest could be overdue, and is set anew from what is left then. */
const watch = (state: State): void => {
  const { clock } = state.options
  const due = dueAt(state)
  if (due === undefined) {
    state.cancelTimer?.()
    state.cancelTimer = undefined
    state.onIdle()
    return
  }
  state.cancelTimer ??= clock.after(Math.max(0, due - clock.monotonic()), () => {
    state.cancelTimer = undefined
    expire(state)
  })
}

const dueAt = ({ waiting, line, progressAt, options }: State): number | undefined => {
  const [first] = waiting
  const turn = first ? Math.max(first.since, progressAt) : Number.POSITIVE_INFINITY
  const oldest = Math.min(turn, line?.sent.oldest() ?? Number.POSITIVE_INFINITY)
  return oldest === Number.POSITIVE_INFINITY ? undefined : oldest + options.confirmTimeoutMs
}

const expire = (state: State): void => {
  const { line, waiting, options, progressAt } = state
  const instant = options.clock.monotonic() - options.confirmTimeoutMs
  const stuck = progressAt <= instant
  if (line?.sent.expire(instant)) {
    if (stuck) giveUp(state, line)
    else replaceWhenOld(state, line)
  }
  for (const pending of waiting) {
    if (!stuck || pending.since > instant) break
    waiting.delete(pending)
    pending.reject(unavailable(pending.message, 'no turn in time'))
  }
  pump(state)
}

/**
 * A channel remembers where the leader of each queue was. When a node dies, RabbitMQ 3.10 may refuse what one
 * channel sends until it is back, while another finds the new leader. What others sent is awaited first.
 */
const replaceWhenOld = (state: State, line: Line): void => {
  const { clock, name: connection, log } = state.options
  if (state.line !== line || state.blocked || !state.refusals.isTime(clock.monotonic() - line.openedAt))
    return
  log.warn('publishes are refused or not confirmed: another channel is opened', { connection })
  state.line = undefined
  const cancel = clock.after(drainMs, () => line.retire?.())
  line.retire = () => {
    cancel()
    line.retire = undefined
    loseLine(state, line)
    line.channel.close().catch(() => {})
  }
  if (line.sent.size === 0) line.retire()
}

/**
 * When nothing at all was confirmed for so long, the places in the window would never come free. A node that
 * hangs keeps its connections, so another one is dialled; one that blocks publishers says so.
 */
const giveUp = (state: State, line: Line): void => {
  loseLine(state, line)
  if (state.blocked) line.channel.close().catch(() => {})
  else line.abandon('nothing was confirmed in time')
}

const finish = async (state: State, ms: number): Promise<void> => {
  state.closing = true
  const idle = new Promise<void>(resolve => {
    state.onIdle = resolve
    watch(state)
  })
  await within(state.options.clock, ms, idle)
  for (const { message, reject } of state.waiting) reject(unavailable(message, 'the publisher is closed'))
  state.waiting.clear()
  if (state.line) loseLine(state, state.line)
}
