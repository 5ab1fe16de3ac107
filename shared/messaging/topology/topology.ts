import type { Names } from '../../contract/names.ts'
import { noticeKinds, noticeType } from '../../contract/notice.ts'
import { deadLettersOf, inboxOf, waits } from './names.ts'

/** One service as the broker sees it. */
export type Participant = {
  readonly service: string
  readonly subscribes: readonly string[]
  readonly publishes: readonly string[]
}

/** Everything on the broker, in RabbitMQ's own words, free of secrets. */
export type Topology = {
  /** Where it is unless it is declared elsewhere. */
  readonly vhost: string
  readonly exchanges: readonly Exchange[]
  readonly queues: readonly Queue[]
  readonly bindings: readonly Binding[]
  readonly policies: readonly Policy[]
  readonly users: readonly User[]
}

type Settings = Readonly<Record<string, string | number>>
export type Exchange = {
  readonly name: string
  readonly type: 'topic' | 'fanout'
  readonly arguments: Settings
}
export type Queue = { readonly name: string; readonly arguments: Settings }
export type Binding = {
  readonly source: string
  readonly to: 'queue' | 'exchange'
  readonly destination: string
  readonly key: string
}
/**
 * What may change while messages are in the queue. Only one policy holds for a queue, so each has all of its
 * keys.
 */
export type Policy = { readonly queue: string; readonly definition: Settings }
export type User = {
  readonly name: string
  readonly tags: readonly string[]
  readonly configure: string
  readonly write: string
  readonly read: string
  /**
   * Which routing keys it may use, by exchange; an exchange that is not named here is not restricted by key.
   */
  readonly keys: readonly { readonly exchange: string; readonly write: string }[]
}

/**
 * A crash loop hands a message out again and again; far above what innocent neighbours of a killer message
 * get.
 */
const deliveryLimit = 50
/**
 * RabbitMQ 4 has a limit by default and 3.10 knows no "none"; peeking counts as a delivery, and here reaching
 * it would delete.
 */
const practicallyUnlimited = 1_000_000_000
/** An emergency stop: publishers are refused before the disk is full. */
const maxLength = 1_000_000
const journalAge = '7D'

/** Who takes part in a saga on the broker. */
export type Participants = {
  readonly participants: readonly Participant[]
  /** The users that read the journal and nothing else. */
  readonly readers?: readonly string[]
  /** The delays of the wait queues in milliseconds. */
  readonly delays?: readonly number[]
}

/**
 * The whole topology of a saga under its names, the same in whatever order its services list their events.
 */
export const topologyOf = (
  names: Names,
  { participants, readers = [], delays = waits }: Participants,
): Topology => ({
  vhost: names.vhost,
  exchanges: exchangesOf(names, delays),
  queues: [
    { name: names.journal, arguments: { 'x-queue-type': 'stream' } },
    quorum(names.exchanges.unrouted),
    ...participants.flatMap(({ service }) => [quorum(inboxOf(service)), quorum(deadLettersOf(service))]),
    ...delays.map(ms => waitQueue(names.waitOf(ms), ms)),
  ],
  bindings: bindingsOf(names, participants, delays),
  policies: policiesOf(names, participants, delays),
  users: [
    ...participants.map(one => userOf(names, one, delays)),
    ...readers.map(name => reader(names, name)),
    operator,
  ],
})

const exchangesOf = ({ exchanges, waitOf }: Names, delays: readonly number[]): Exchange[] => [
  topic(exchanges.events),
  { ...topic(exchanges.inboxes), arguments: { 'alternate-exchange': exchanges.unrouted } },
  { name: exchanges.unrouted, type: 'fanout', arguments: {} },
  topic(exchanges.deadLetters),
  ...delays.map(ms => topic(waitOf(ms))),
]

const topic = (name: string): Exchange => ({ name, type: 'topic', arguments: {} })

const quorum = (name: string): Queue => ({ name, arguments: { 'x-queue-type': 'quorum' } })

/**
 * Expiry returns a message under its own key, which is its inbox, through the default exchange: to nobody
 * else.
 */
const waitQueue = (name: string, ms: number): Queue => ({
  name,
  arguments: {
    'x-queue-type': 'quorum',
    'x-message-ttl': ms,
    'x-dead-letter-exchange': '',
    // Without both of these an expired message may be lost on its way back.
    'x-dead-letter-strategy': 'at-least-once',
    'x-overflow': 'reject-publish',
  },
})

const toQueue = (source: string, destination: string, key: string): Binding => ({
  ...{ source, to: 'queue', destination, key },
})

const toExchange = (source: string, destination: string, key: string): Binding => ({
  ...{ source, to: 'exchange', destination, key },
})

const bindingsOf = (
  { exchanges, journal, waitOf }: Names,
  participants: readonly Participant[],
  delays: readonly number[],
): Binding[] => {
  const heard = [...new Set(participants.flatMap(one => one.subscribes))].sort()
  return [
    toQueue(exchanges.events, journal, '#'),
    ...heard.map(type => toExchange(exchanges.events, exchanges.inboxes, type)),
    ...participants.flatMap(({ service, subscribes }) =>
      subscribes.toSorted().map(type => toQueue(exchanges.inboxes, inboxOf(service), type)),
    ),
    toQueue(exchanges.unrouted, exchanges.unrouted, ''),
    ...participants.map(({ service }) => toQueue(exchanges.deadLetters, deadLettersOf(service), service)),
    ...delays.map(ms => toQueue(waitOf(ms), waitOf(ms), '#')),
  ]
}

/** A queue without a policy of ours would take that of anybody whose pattern matches it. */
const policiesOf = (
  { exchanges, journal, waitOf }: Names,
  participants: readonly Participant[],
  delays: readonly number[],
): Policy[] => [
  { queue: journal, definition: { 'max-age': journalAge } },
  { queue: exchanges.unrouted, definition: { 'delivery-limit': practicallyUnlimited } },
  ...participants.flatMap(({ service }) => [
    { queue: inboxOf(service), definition: inboxPolicy(exchanges.deadLetters, service) },
    { queue: deadLettersOf(service), definition: { 'delivery-limit': practicallyUnlimited } },
  ]),
  ...delays.map(ms => ({ queue: waitOf(ms), definition: { 'delivery-limit': practicallyUnlimited } })),
]

const inboxPolicy = (deadLetters: string, service: string): Settings => ({
  'delivery-limit': deliveryLimit,
  'dead-letter-exchange': deadLetters,
  'dead-letter-routing-key': service,
  'dead-letter-strategy': 'at-least-once',
  overflow: 'reject-publish',
  'max-length': maxLength,
})

const userOf = (
  { exchanges, waitOf }: Names,
  { service, publishes }: Participant,
  delays: readonly number[],
): User => ({
  name: service,
  tags: [],
  configure: '^$',
  write: oneOf([exchanges.events, ...delays.map(waitOf), exchanges.deadLetters]),
  read: oneOf([inboxOf(service)]),
  keys: [
    {
      exchange: exchanges.events,
      write: oneOf([...publishes.toSorted(), ...noticeKinds.map(kind => noticeType(service, kind))]),
    },
    ...delays.map(ms => ({ exchange: waitOf(ms), write: oneOf([inboxOf(service)]) })),
    { exchange: exchanges.deadLetters, write: oneOf([service]) },
  ],
})

/** Reads the journal and nothing else, and says nothing. */
const reader = ({ journal }: Names, name: string): User => ({
  ...{ name, tags: [] },
  ...{ configure: '^$', write: '^$', read: oneOf([journal]), keys: [] },
})

/** Looks at everything in the management pages, repairs the topology, and replays dead letters. */
const operator: User = {
  ...{ name: 'operator', tags: ['administrator'] },
  ...{ configure: '.*', write: '.*', read: '.*', keys: [] },
}

/** A regular expression for exactly these names. */
export const oneOf = (names: readonly string[]): string =>
  `^(${names.map(name => name.replace(/[.\\+*?[^\]$(){}|]/g, '\\$&')).join('|')})$`
