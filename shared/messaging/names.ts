/** Every name on the broker, in one place. */
export const exchanges = {
  /** Facts, by event type. */
  events: 'saga.events',
  /** From here each service's inbox is fed. */
  inboxes: 'saga.inboxes',
  /** What no inbox takes. */
  unrouted: 'saga.unrouted',
  /** Parked messages, by service. */
  deadLetters: 'saga.dlx',
} as const

/** The first RabbitMQ that has all that the topology asks for: quorum queues that dead-letter at least once. */
export const leastRabbitMq = '3.10'

export const journal = 'saga.journal'
export const inboxOf = (service: string): string => `${service}.inbox`
export const deadLettersOf = (service: string): string => `${service}.dlq`

/** The delays of the wait queues in milliseconds, and the names of both their exchange and their queue. */
export const waits = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000] as const
export type Wait = (typeof waits)[number]
export const waitOf = (ms: number): string => `saga.wait.${ms / 1000}s`
