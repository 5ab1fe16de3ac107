import type { Names } from '../../contract/names.ts'
import type { Definitions } from '../../messaging/topology/definitions.ts'
import { formatCount } from '../../runtime/text/format.ts'
import { eventsInto } from './event-routes.ts'
import { type FillReading, fillLevels, fillsOf, fillText } from './fill.ts'
import type { LiveTopology } from './live-topology.ts'

/** A queue that nobody here declares, and that gets what is published to our exchanges. */
export type ForeignQueue = {
  readonly name: string
  /** The types of events that it gets; none of one that gets dead letters or retries alone. */
  readonly events: readonly string[]
  /** Bound to an exchange of ours itself, and not by way of one of others. */
  readonly direct: boolean
  /** Ready and in hand; undefined when nobody can tell. */
  readonly messages: number | undefined
  readonly consumers: number | undefined
  readonly fill?: FillReading
}

/**
 * The queues of others that take our messages, as one does whose service was taken away, or never was: what
 * lies there fills it, and once it is full and refuses, whoever publishes these events is refused. Pure.
 */
export const foreignQueues = (
  { exchanges: { events } }: Names,
  declared: Definitions,
  live: LiveTopology,
): readonly ForeignQueue[] => {
  const ours = new Set(declared.queues?.map(({ name }) => name))
  const exchanges = new Set(declared.exchanges?.map(({ name }) => name))
  const bound = (live.definitions.bindings ?? [])
    .filter(one => one.destination_type === 'queue' && exchanges.has(one.source))
    .map(({ destination }) => `${destination}`)
  const into = eventsInto(events, live.definitions)
  const fills = new Map(fillsOf(live).map(fill => [fill.queue, fill]))
  return [...new Set([...bound, ...into.keys()])]
    .filter(name => !ours.has(name))
    .map(name =>
      foreignQueue(live, name, { events: into.get(name) ?? [], direct: bound.includes(name) }, fills),
    )
    .toSorted((a, b) => a.name.localeCompare(b.name))
}

const foreignQueue = (
  { queues }: LiveTopology,
  name: string,
  how: Pick<ForeignQueue, 'events' | 'direct'>,
  fills: ReadonlyMap<string, FillReading>,
): ForeignQueue => {
  const reading = queues.find(queue => queue.name === name)
  const fill = fills.get(name)
  return {
    ...{ name, ...how, consumers: reading?.consumers },
    messages: reading?.ready === undefined ? undefined : reading.ready + (reading.unacknowledged ?? 0),
    ...(fill && { fill }),
  }
}

/**
 * Whether somebody should look at it: nobody takes out what it gets, or it may refuse what we publish. One of
 * others that is consumed and drops what it cannot hold does no harm. Pure.
 */
export const isTrouble = ({ events, consumers, fill }: ForeignQueue): boolean =>
  events.length > 0 && (!consumers || fill?.refuses === true)

/** Whether it refuses what we publish, or is about to. Pure. */
export const isGrave = ({ events, fill }: ForeignQueue): boolean =>
  events.length > 0 && fill?.refuses === true && (fill.share ?? 0) > fillLevels.nearly

/** What it gets, holds and does, in words. Pure. */
export const foreignText = (queue: ForeignQueue): string => {
  const { name, events, messages, consumers } = queue
  const gets = events.length > 0 ? events.join(', ') : 'no events'
  const holds = messages === undefined ? 'an unknown number of messages' : formatCount(messages, 'message')
  const read = consumers === undefined ? 'an unknown number of consumers' : formatCount(consumers, 'consumer')
  return `queue ${name}, which nobody here declares, gets ${gets}: ${holds}, ${read}; ${harmOf(queue)}`
}

const harmOf = ({ events, fill }: ForeignQueue): string => {
  if (events.length === 0) return 'it harms nobody'
  if (!fill) return 'it has no limit, and grows until RabbitMQ blocks all publishers'
  if (!fill.refuses) return `it is ${fillText(fill)}, and drops what is too much`
  return (fill.share ?? 0) >= 1
    ? `it is ${fillText(fill)}: whoever publishes these events is refused (publish-rejected), and keeps them as unsent`
    : `it is ${fillText(fill)}: once it is full, whoever publishes these events is refused (publish-rejected)`
}
