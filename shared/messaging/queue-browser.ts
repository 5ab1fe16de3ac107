import type { Delivery } from './broker.ts'

/** Why the broker itself moved a message: the reason, the key it had, and when (ms). */
export type BrokerDeath = {
  readonly reason: string
  readonly key: string | undefined
  readonly at: number | undefined
}

/** A message that a browser came to. It stays in its queue unless it is removed. */
export type BrowsedMessage = Pick<
  Delivery,
  'queue' | 'key' | 'body' | 'contentType' | 'type' | 'messageId' | 'correlationId' | 'headers'
> & {
  /** When it was published (ms, whole seconds). */
  readonly sentAt: number | undefined
  readonly death: BrokerDeath | undefined
  /** Takes it out of the queue for good. */
  remove(): void
}

/** A browse what lay in a queue when it began, in order, each message once. */
export type QueueBrowser = {
  /** How many messages it will come to at most. */
  readonly total: number
  /**
   * Undefined at the end.
   * @throws SagaError `broker-unavailable` when the connection was lost: nothing that was not removed is
   * lost.
   */
  next(): Promise<BrowsedMessage | undefined>
  /**
   * Puts everything that was not removed back to its place; resolves when removals and returns are with the
   * broker.
   */
  end(): Promise<void>
}

/** More than this no browser looks at: what it meets and leaves is held in memory until its end. */
export const browseLimit = 20_000

/**
 * Begins a browser; nobody else can browse the same queue meanwhile. Who finds it taken waits for its turn,
 * at most `patienceMs`.
 * @throws SagaError `replay-running` when its turn did not come, `broker-unavailable`, `broker-refused`
 */
export type BrowseQueue = (
  queue: string,
  options: { readonly limit: number; readonly patienceMs: number },
) => Promise<QueueBrowser>
