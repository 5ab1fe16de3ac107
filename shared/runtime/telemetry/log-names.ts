/**
 * What a log line may have after its time, level, service and message: one name for one thing. A saga's own
 * word for the id of its subject, such as `orderId`, comes besides. `choreo logs` and the page about logs go by
 * this list.
 */
export const logNames = {
  requestId: 'the request of a client, as its answer names it',
  eventId: 'an event, also the one that a call or a notice is about',
  eventType: 'its type',
  messageId: 'a message of the broker',
  noticeId: 'a notice of the journal',
  traceId: 'the trace in which it happened',
  attempt: 'how many attempts have failed',
  retryInMs: 'when it is tried again',
  queue: 'the queue that it happened at',
  code: 'why: a code of ours or of a driver, or the name of an error',
  cause: 'the code of what caused that',
  error: 'what the error said, without values',
  errorAt: 'where it came from, `file:line`',
  stack: 'how it got there, a frame a line',
  kind: 'what kind of thing is meant by `name`, or how Node met an error',
  name: 'a part of the topology, or an alarm',
  field: 'what of it differs',
  declared: 'what it is to be',
  live: 'what it is',
  count: 'how many there were',
  limit: 'how many are usual',
  bytes: 'how much it was',
  task: 'what is done again and again, or at the start',
  step: 'a step of stopping',
  ms: 'how long it took',
  limitMs: 'how long it may take',
  reason: 'why a program stops',
  connection: 'a connection of this program to the broker',
  host: 'the server that it reaches, or the address that it listens at',
  port: 'where it listens',
  vhost: 'a vhost of the broker',
  path: 'a route of the private port',
  status: 'the status code of HTTP',
  generation: 'a generation of the read model',
  offset: 'a place in the journal',
  version: 'a version of an event or of a server',
  replay: 'a replay of dead letters',
  pid: 'the process',
  folder: 'where its data are',
} as const

type LogName = keyof typeof logNames
type Value = string | number | boolean | undefined

/** Ids, codes, counts, and words without values; never payloads. Flat, so that any of them can be searched. */
export type LogFields = { readonly [name in LogName]?: Value } & {
  readonly [id: `${string}Id`]: Value
}
