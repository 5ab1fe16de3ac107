/** A policy as a definitions file and the management API have it. */
type Policy = Readonly<Record<string, unknown>>

/**
 * Whether a policy may hold for a queue. One whose pattern only the broker understands may, and so may one
 * for a type of queue that this one is not of: a priority too high does no harm. Pure.
 */
export const mayHoldFor = (policy: Policy, queue: string): boolean => {
  if (policy['apply-to'] === 'exchanges') return false
  try {
    return new RegExp(`${policy.pattern}`).test(queue)
  } catch {
    return true
  }
}

/** The priority of a policy; RabbitMQ takes none for 0. Pure. */
export const priorityOf = ({ priority }: Policy): number => (typeof priority === 'number' ? priority : 0)

/**
 * The least priority with which a policy, named as its only queue, holds whatever the others say: RabbitMQ
 * lets only one policy hold for a queue, that of the highest priority, and of two alike any. Pure.
 */
export const leastPriority = (policy: Policy, all: readonly Policy[]): number =>
  Math.max(
    priorityOf(policy),
    ...all
      .filter(one => one.name !== policy.name && mayHoldFor(one, `${policy.name}`))
      .map(one => priorityOf(one) + 1),
  )

/** These policies with priorities above all that stand in their way among `all`. Pure. */
export const raisedAbove = (policies: readonly Policy[], all: readonly Policy[]): readonly Policy[] =>
  policies.map(policy => ({ ...policy, priority: leastPriority(policy, all) }))
