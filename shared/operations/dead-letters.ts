import { deadLettersOf } from '../messaging/names.ts'
import { type Met, type Walk, walkLimit } from '../messaging/walk.ts'
import { type Letter, letterOf } from './letter.ts'
import { type LetterFilter, matches } from './letter-filter.ts'
import type { Operations } from './operations.ts'

/** A walk that only looks is short, so others wait for its end. */
const patienceMs = 5_000

/** Begins a walk through the dead letters of a service. The caller ends it. @throws SagaError as `WalkThrough` does */
export const walkLetters = (world: Operations, service: string): Promise<Walk> =>
  world.walkThrough(deadLettersOf(service), { limit: walkLimit, patienceMs })

/**
 * The dead letters of a service that the filter means, oldest first, at most `limit`. Nothing is taken out, and their order stays.
 * @throws SagaError `replay-running` when a replay has them in hand, `broker-unavailable`, `broker-refused`
 */
export const browse = async (
  world: Operations,
  service: string,
  filter: LetterFilter = {},
  { limit = walkLimit }: { limit?: number } = {},
): Promise<Letter[]> => {
  const letters: Letter[] = []
  await eachLetter(world, service, filter, letter => letters.push(letter) < limit)
  return letters
}

/**
 * Deletes the dead letters that the filter means, and resolves with what they were. What they would have done is not done:
 * ask whoever runs it first.
 * @throws SagaError as `browse`
 */
export const purge = async (
  world: Operations,
  service: string,
  filter: LetterFilter,
  { limit = walkLimit }: { limit?: number } = {},
): Promise<Letter[]> => {
  const purged: Letter[] = []
  await eachLetter(world, service, filter, (letter, met) => {
    met.remove()
    return purged.push(letter) < limit
  })
  for (const { messageId, type, reason } of purged)
    world.log.warn('a dead letter was deleted', { service, messageId, type, reason })
  return purged
}

/** Walks through the letters that the filter means, until `visit` says that it has seen enough. */
const eachLetter = async (
  world: Operations,
  service: string,
  filter: LetterFilter,
  visit: (letter: Letter, met: Met) => boolean,
): Promise<void> => {
  const walk = await walkLetters(world, service)
  try {
    for (;;) {
      const met = await walk.next()
      if (!met) return
      const letter = letterOf(world.saga, service, met, world.clock.now())
      if (matches(filter, letter) && !visit(letter, met)) return
    }
  } finally {
    await walk.end()
  }
}
