import type { Channel, ConsumeMessage, Message } from 'amqplib'
import { codeOf } from '../../runtime/errors.ts'
import { errorFields } from '../../runtime/telemetry/failure-log.ts'
import {
  continuity,
  type Journal,
  type JournalBreak,
  type JournalMessage,
  type JournalPosition,
  type JournalReader,
} from '../journal.ts'
import { type ChannelUse, keepChannel } from './channel.ts'
import { type AbandonConnection, type ConnectionOptions, keepConnection } from './connection.ts'

/**
 * How many messages may be here and not taken yet: the broker's credit. More than one take, so that reading
 * goes on while one is worked on.
 */
const prefetch = 2_048
/** Nothing arrived for this long although more was welcome: the end is reached. */
const quietMs = 500
/**
 * The message at the position is the first that comes; when it does not within this time, it is not there any
 * more.
 */
const proofMs = 10_000
const delays = { base: 50, cap: 5_000 }
/**
 * A node reads a stream out of its own replica only; where it has none, or none yet, another node may have
 * one.
 */
const noReplica = '406'

/**
 * The journal, which is the stream of this name. The user needs to read it and nothing else. @throws
 * SagaError `config-invalid` from `open` when the URL is none
 */
export const amqpJournal = (options: JournalOptions): Journal => ({
  open: ({ after, onBreak }) => openReader(options, after, onBreak),
})

type JournalOptions = ConnectionOptions & { readonly stream: string }

type Arrived = { readonly message: JournalMessage; readonly attachment: Attachment; readonly tag: number }

/** One channel that reads, from the last message of the one before it on. */
type Attachment = {
  readonly channel: Channel
  /** What the first message has to be; undefined once it was, or when the reading began at the start. */
  expected: JournalPosition | undefined
  consuming: boolean
  over: boolean
  /** When it began or something last arrived (ms). */
  lastAt: number
  cancelTimer: () => void
}

type State = {
  readonly options: JournalOptions
  readonly onBreak: (kind: JournalBreak) => void
  /** The last message that arrived. */
  last: JournalPosition | undefined
  buffer: Arrived[]
  attachment: Attachment | undefined
  closed: boolean
  /** Called when so many messages are here. */
  wanted: number
  wake: () => void
}

const openReader = (
  options: JournalOptions,
  after: JournalPosition | undefined,
  onBreak: (kind: JournalBreak) => void,
): JournalReader => {
  const state: State = {
    ...{ options, onBreak, last: after, buffer: [], attachment: undefined, closed: false },
    ...{ wanted: 0, wake: () => {} },
  }
  const connection = keepConnection(options, (model, abandon) => {
    const make = () => model.createChannel()
    const use = (channel: Channel) => attach(state, channel, abandon)
    const kept = keepChannel({ ...options, make, abandon, delays, use })
    return { down: kept.stop }
  })
  return {
    take: (limit, notBefore = 0) => take(state, Math.min(limit, prefetch), notBefore),
    close: async () => {
      state.closed = true
      state.wake()
      await connection.close()
    },
    get reading() {
      return isReading(state.attachment)
    },
    get atEnd() {
      const { attachment, buffer } = state
      if (!isReading(attachment) || buffer.length > 0) return false
      return options.clock.monotonic() - attachment.lastAt >= quietMs
    },
  }
}

const isReading = (attachment: Attachment | undefined): attachment is Attachment =>
  attachment?.consuming === true && attachment.expected === undefined

const take = async (state: State, limit: number, notBefore: number): Promise<readonly JournalMessage[]> => {
  await arrival(state, 1)
  await arrival(state, limit, Math.max(0, notBefore - state.options.clock.monotonic()))
  if (state.closed) return []
  const taken = state.buffer.splice(0, limit)
  const newest = taken.findLast(({ attachment }) => !attachment.over)
  if (newest) credit(newest)
  return taken.map(({ message }) => message)
}

/** Resolves when so many messages are here, when the time (ms) is over, or when the reader was closed. */
const arrival = async (state: State, wanted: number, ms?: number): Promise<void> => {
  if (state.buffer.length >= wanted || state.closed || ms === 0) return
  await new Promise<void>(resolve => {
    const cancel = ms === undefined ? () => {} : state.options.clock.after(ms, resolve)
    state.wanted = wanted
    state.wake = () => {
      cancel()
      resolve()
    }
  })
}

// In a stream an acknowledgement only gives the broker credit to send more. A channel that is closing throws.
const credit = ({ attachment, tag }: Pick<Arrived, 'attachment' | 'tag'>): void => {
  try {
    attachment.channel.ack({ fields: { deliveryTag: tag } } as Message, true)
  } catch {}
}

const attach = (state: State, channel: Channel, abandon: AbandonConnection): ChannelUse => {
  const { clock, log } = state.options
  const attachment: Attachment = {
    ...{ channel, expected: state.last, consuming: false, over: false, lastAt: clock.monotonic() },
    cancelTimer: () => {},
  }
  state.attachment = attachment
  begin(state, attachment).catch(error => {
    if (attachment.over) return
    log.warn('the journal cannot be read', errorFields(error))
    channel.close().catch(() => {})
  })
  const gone = () => {
    attachment.over = true
    attachment.consuming = false
    attachment.cancelTimer()
  }
  const failed = (error: Error) => {
    if (codeOf(error) === noReplica) abandon('this node has no replica of the journal')
  }
  return { failed, gone }
}

const begin = async (state: State, attachment: Attachment): Promise<void> => {
  const { channel, expected } = attachment
  const { clock, stream } = state.options
  await channel.prefetch(prefetch)
  const from = expected ? expected.offset : 'first'
  const onMessage = (message: ConsumeMessage | null) => arrive(state, attachment, message)
  await channel.consume(stream, onMessage, { arguments: { 'x-stream-offset': from } })
  if (attachment.over) return
  attachment.consuming = true
  attachment.lastAt = clock.monotonic()
  if (expected) attachment.cancelTimer = clock.after(proofMs, () => missing(state, attachment))
}

const missing = (state: State, attachment: Attachment): void => {
  if (!attachment.over && attachment.expected) startOver(state, attachment)
}

/** Reads from the start on the next channel. */
const startOver = (state: State, attachment: Attachment): void => {
  state.last = undefined
  attachment.over = true
  state.onBreak('made-anew')
  attachment.channel.close().catch(() => {})
}

// `null` is the broker's word that it cancelled the consumer: the queue is gone.
const arrive = (state: State, attachment: Attachment, raw: ConsumeMessage | null): void => {
  if (attachment.over) return
  attachment.lastAt = state.options.clock.monotonic()
  if (!raw) {
    attachment.channel.close().catch(() => {})
    return
  }
  const message = messageOf(raw)
  const arrived = { message, attachment, tag: raw.fields.deliveryTag }
  const { expected } = attachment
  if (expected) prove(state, expected, arrived)
  else keep(state, arrived)
}

/** Looks whether the first message is the one that stood there before, and reads on if so. */
const prove = (state: State, expected: JournalPosition, arrived: Arrived): void => {
  const { attachment, message } = arrived
  const verdict = continuity(expected, message)
  if (verdict === 'made-anew') {
    startOver(state, attachment)
    return
  }
  attachment.expected = undefined
  attachment.cancelTimer()
  if (verdict === 'goes-on') {
    credit(arrived)
    return
  }
  state.onBreak(verdict)
  keep(state, arrived)
}

const keep = (state: State, arrived: Arrived): void => {
  const { offset, messageId } = arrived.message
  state.last = { offset, messageId }
  state.buffer.push(arrived)
  if (state.buffer.length >= state.wanted) state.wake()
}

const messageOf = ({ content, properties }: ConsumeMessage): JournalMessage => ({
  offset: Number(properties.headers?.['x-stream-offset']),
  messageId: properties.messageId,
  type: properties.type,
  contentType: properties.contentType,
  body: Buffer.from(content), // a view on what came over the socket, which would be kept as long
})
