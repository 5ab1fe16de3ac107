import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib'
import { SagaError } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/telemetry/log.ts'
import { type Clock, sleep } from '../../runtime/time/clock.ts'
import type { JournalCopy, ReadSpan } from '../journal.ts'
import { browsedMessageOf } from './browsed-message.ts'
import { connectOnce } from './connection.ts'
import { causeOf } from './dial.ts'

type Options = {
  readonly stream: string
  readonly url: string
  readonly clock: Clock
  readonly log: Log
}

/** How many messages may be here and not taken yet: the broker's credit. */
const prefetch = 1_000
/** The first message comes at once; when it does not within this time, there is none. */
const emptyMs = 5_000
/** The last messages come at once, in one piece; so long after the first of them all are here. */
const tailMs = 500
/** A reading that gets nothing for so long, and has not reached the end, was cut off. */
const silenceMs = 30_000

/**
 * Reads the journal, which is the stream of this name, over a connection of its own, as a user who may read
 * it.
 */
export const amqpJournalSpan = ({ stream, url, clock, log }: Options): ReadSpan =>
  async function* (since) {
    const model = await connectOnce({ url, clock, log, name: 'reads the journal again' })
    try {
      const end = await endOf(model, stream, clock)
      if (end !== undefined) yield* readTo({ model, stream, clock }, since, end)
    } finally {
      await model.close().catch(() => {})
    }
  }

type Journal = { readonly model: ChannelModel; readonly stream: string; readonly clock: Clock }

/** One channel that reads; `over` when it is gone. */
type Reading = {
  readonly stream: string
  readonly channel: Channel
  arrived: ConsumeMessage[]
  over: boolean
  wake: () => void
}

/** Where the broker begins: an instant, or the last messages that it wrote down together. */
type From = { readonly '!': 'timestamp'; readonly value: number } | 'last'

/** The offset of the last message; undefined when there is none. */
const endOf = async (model: ChannelModel, stream: string, clock: Clock): Promise<number | undefined> => {
  const reading = await begin(model, stream, 'last')
  let last = (await arrivals(reading, clock, emptyMs)).at(-1)
  if (last) {
    await sleep(clock, tailMs)
    last = reading.arrived.at(-1) ?? last
  }
  await reading.channel.close().catch(() => {})
  return last && offsetOf(last)
}

async function* readTo({ model, stream, clock }: Journal, since: number, end: number) {
  const reading = await begin(model, stream, { '!': 'timestamp', value: Math.floor(since / 1000) })
  for (let patienceMs = emptyMs; ; patienceMs = silenceMs) {
    const messages = await arrivals(reading, clock, patienceMs)
    const last = messages.at(-1)
    // An instant after the last message is waited at for the next one.
    if (!last && patienceMs === emptyMs) return
    if (!last) throw cutOff(reading.stream)
    yield messages.filter(message => offsetOf(message) <= end).map(message => copyOf(stream, message))
    if (offsetOf(last) >= end) return
    // In a stream an acknowledgement only gives the broker credit to send more.
    if (!reading.over) reading.channel.ack(last, true)
  }
}

const begin = async (model: ChannelModel, stream: string, from: From): Promise<Reading> => {
  const channel = await model.createChannel()
  const reading: Reading = { stream, channel, arrived: [], over: false, wake: () => {} }
  const end = () => {
    reading.over = true
    reading.wake()
  }
  channel.on('error', end)
  channel.on('close', end)
  model.on('close', end)
  await channel.prefetch(prefetch)
  await channel
    .consume(stream, message => (message ? arrive(reading, message) : end()), {
      arguments: { 'x-stream-offset': from },
    })
    .catch(cause => {
      throw new SagaError('broker-refused', `${stream}: ${causeOf(cause).error}`, { cause })
    })
  return reading
}

const arrive = (reading: Reading, message: ConsumeMessage): void => {
  reading.arrived.push(message)
  reading.wake()
}

/**
 * What arrived and was not taken yet; waits at most `ms` for something. @throws SagaError
 * `broker-unavailable`
 */
const arrivals = async (reading: Reading, clock: Clock, ms: number): Promise<ConsumeMessage[]> => {
  const asked = new AbortController()
  reading.wake = () => asked.abort()
  if (reading.arrived.length === 0 && !reading.over) await sleep(clock, ms, asked.signal)
  const taken = reading.arrived.splice(0)
  if (taken.length === 0 && reading.over) throw cutOff(reading.stream)
  return taken
}

const cutOff = (stream: string) => new SagaError('broker-unavailable', `the reading of ${stream} was cut off`)

const offsetOf = ({ properties }: ConsumeMessage): number => Number(properties.headers?.['x-stream-offset'])

const copyOf = (stream: string, message: ConsumeMessage): JournalCopy =>
  browsedMessageOf(stream, message, () => {})
