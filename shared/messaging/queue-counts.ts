/** What a broker counts of a queue at this moment. */
export type QueueCount = {
  /** Messages that nobody has in hand. */
  readonly ready: number
  readonly consumers: number
}

/**
 * Counts these queues, by name; one that is not there is left out. @throws SagaError `broker-unavailable`,
 * `broker-refused`
 */
export type ReadCounts = (queues: readonly string[]) => Promise<ReadonlyMap<string, QueueCount>>
