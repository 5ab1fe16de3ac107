/**
 * The headers that travel; no others do. `x-attempt` counts failed attempts, `x-resend` names a deliberate
 * re-send. `x-error` and `x-error-at` say more of the reason: what the error said, without values, and where
 * it came from.
 */
export type Headers = {
  readonly 'x-attempt'?: number
  readonly 'x-first-failed-at'?: string
  readonly 'x-reason'?: string
  readonly 'x-error'?: string
  readonly 'x-error-at'?: string
  readonly 'x-origin-key'?: string
  readonly 'x-resend'?: string
}

export type OutgoingMessage = {
  readonly exchange: string
  readonly key: string
  readonly body: Buffer
  readonly contentType: string
  /** The event type; AMQP `type`. */
  readonly type: string
  /** The first event id, and `+n` when n more follow; AMQP `messageId`. */
  readonly messageId: string
  /** The subject, when the body speaks of one only. */
  readonly correlationId?: string
  readonly headers?: Headers
}

/**
 * A message as it arrived. `ack` and `reject` work once; after the channel that brought it is gone they do
 * nothing, for it comes again.
 */
export type Delivery = {
  readonly queue: string
  readonly key: string
  readonly body: Buffer
  readonly contentType: string | undefined
  readonly type: string | undefined
  readonly messageId: string | undefined
  readonly correlationId: string | undefined
  readonly headers: Headers
  /** How often the broker handed it out before without an answer. */
  readonly earlierDeliveries: number
  ack(): void
  /** Back to its place in the queue. */
  requeue(): void
}

/** Publishes on one connection of its own. */
export type Publisher = {
  /**
   * Resolves when the broker confirmed the message and a queue took it. Rejects with `publish-unconfirmed`
   * (nobody knows: send the same id again), `publish-rejected` (a queue did not take it: send the same id
   * again, later), `publish-unroutable`, `broker-refused` or `broker-unavailable`.
   * Waits while the window of unconfirmed messages is full.
   */
  publish(message: OutgoingMessage): Promise<void>
  /** Waits until nothing is unconfirmed, at most `ms`, then closes. */
  close(ms: number): Promise<void>
  readonly connected: boolean
  /** True while the broker, short of memory or disk, takes no messages; absent where that cannot happen. */
  readonly blocked?: boolean
}

/** Consumes one queue on one connection of its own, and comes back by itself after every kind of loss. */
export type Consumer = {
  /**
   * Stops new deliveries; resolves when the broker agreed. Deliveries that are out can still be acknowledged.
   */
  pause(): Promise<void>
  resume(): void
  /** Changes how many messages may be out at once. */
  prefetch(count: number): void
  /** Pauses, sends what acks are waiting, closes. */
  close(): Promise<void>
  readonly consuming: boolean
}

export type OnDelivery = (delivery: Delivery) => void

/** How a process reaches the broker. */
export type Broker = {
  publisher(): Publisher
  consumer(options: {
    queue: string
    prefetch: number
    onDelivery: OnDelivery
    onFreshStart?: () => void
  }): Consumer
}
