/**
 * The first RabbitMQ that has all that the topology asks for: quorum queues that dead-letter at least once.
 */
export const leastRabbitMq = '3.10'

/** The queues of a service. What else a saga has on the broker is named in its definition. */
export const inboxOf = (service: string): string => `${service}.inbox`
export const deadLettersOf = (service: string): string => `${service}.dlq`

/** The delays of the wait queues in milliseconds. */
export const waits = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000] as const
export type Wait = (typeof waits)[number]
