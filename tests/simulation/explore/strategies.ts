import type { Random } from '../../../shared/runtime/random.ts'
import type { Step } from '../world/schedule.ts'

/**
 * What a schedule is made of: 0 takes the oldest step, n the n-th oldest, and a negative number a fault, -1
 * the first that is possible. A tape that has ended goes on with 0.
 */
export type Tape = readonly number[]

/** Chooses what happens next among the steps, or a fault while there are any. */
export type Strategy = (steps: readonly Step[], faults: () => number) => number

/** A schedule need not go on: it has come to where another one was. */
export class Seen extends Error {}

const faultPercent = 4

/** Any step is as likely as any other. */
export const uniform =
  (random: Random): Strategy =>
  (steps, faults) =>
    fault(random, faults) ?? random.int(steps.length)

const fault = (random: Random, faults: () => number): number | undefined => {
  if (random.int(100) >= faultPercent) return undefined
  const count = faults()
  return count > 0 ? -1 - random.int(count) : undefined
}

/**
 * PCT: each place has a random priority and the highest goes on, until one of `depth` random steps lowers the
 * place that is at it. Finds what needs one long delay.
 */
export const pct = (random: Random, depth: number, length = 250): Strategy => {
  const priorities = new Map<string, number>()
  const changes = new Set(Array.from({ length: depth }, () => random.int(length)))
  let step = 0
  const priorityOf = ({ key }: Step) => {
    const known = priorities.get(key)
    if (known !== undefined) return known
    const made = 1_000 + random.int(1_000_000)
    priorities.set(key, made)
    return made
  }
  return (steps, faults) => {
    const best = highest(steps, priorityOf)
    const key = steps[best]?.key
    if (changes.has(step++) && key !== undefined) priorities.set(key, changes.size - step / length)
    return fault(random, faults) ?? best
  }
}

/** The place of the first step of the highest priority. */
const highest = (steps: readonly Step[], priorityOf: (step: Step) => number): number => {
  let [best, most] = [0, Number.NEGATIVE_INFINITY]
  for (const [i, step] of steps.entries()) {
    const priority = priorityOf(step)
    if (priority > most) [best, most] = [i, priority]
  }
  return best
}

/** Does again what is on the tape. */
export const taped = (tape: Tape): Strategy => {
  let place = 0
  return () => tape[place++] ?? 0
}
