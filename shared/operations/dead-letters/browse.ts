import { type BrowsedMessage, browseLimit, type QueueBrowser } from '../../messaging/queue-browser.ts'
import { deadLettersOf } from '../../messaging/topology/names.ts'
import type { Operations } from '../operations.ts'
import { type DeadLetter, deadLetterOf } from './dead-letter.ts'
import { type DeadLetterFilter, matches } from './filter.ts'

/** A browser that only looks is short, so others wait for its end. */
const patienceMs = 5_000

/**
 * Begins a browse the dead letters of a service. The caller ends it. @throws SagaError as `BrowseQueue` does
 */
export const openDeadLetters = (world: Operations, service: string): Promise<QueueBrowser> =>
  world.browseQueue(deadLettersOf(service), { limit: browseLimit, patienceMs })

/**
 * The dead letters of a service that the filter means, oldest first, at most `limit`. Nothing is taken out,
 * and their order stays.
 * @throws SagaError `replay-running` when a replay has them in hand, `broker-unavailable`, `broker-refused`
 */
export const browse = async (
  world: Operations,
  service: string,
  filter: DeadLetterFilter = {},
  { limit = browseLimit }: { limit?: number } = {},
): Promise<DeadLetter[]> => {
  const deadLetters: DeadLetter[] = []
  await eachDeadLetter(world, service, filter, deadLetter => deadLetters.push(deadLetter) < limit)
  return deadLetters
}

/**
 * Deletes the dead letters that the filter means, and resolves with what they were. What they would have done
 * is not done: ask whoever runs it first.
 * @throws SagaError as `browse`
 */
export const purge = async (
  world: Operations,
  service: string,
  filter: DeadLetterFilter,
  { limit = browseLimit }: { limit?: number } = {},
): Promise<DeadLetter[]> => {
  const purged: DeadLetter[] = []
  await eachDeadLetter(world, service, filter, (deadLetter, message) => {
    message.remove()
    return purged.push(deadLetter) < limit
  })
  for (const { messageId, type, reason } of purged)
    world.log.warn('a dead letter was deleted', { ...namesOf(service, { messageId, type }), code: reason })
  return purged
}

/** A dead letter as a log line names it. Pure. */
export const namesOf = (service: string, { messageId, type }: Pick<DeadLetter, 'messageId' | 'type'>) => ({
  ...{ messageId, eventType: type, queue: deadLettersOf(service) },
})

/** Browses through the dead letters that the filter means, until `visit` says that it has seen enough. */
const eachDeadLetter = async (
  world: Operations,
  service: string,
  filter: DeadLetterFilter,
  visit: (deadLetter: DeadLetter, message: BrowsedMessage) => boolean,
): Promise<void> => {
  const browser = await openDeadLetters(world, service)
  try {
    for (;;) {
      const message = await browser.next()
      if (!message) return
      const deadLetter = deadLetterOf(world.saga, service, message, world.clock.now())
      if (matches(filter, deadLetter) && !visit(deadLetter, message)) return
    }
  } finally {
    await browser.end()
  }
}
