import type { Tape } from './strategies.ts'

/** Whether a tape still fails in the way that is looked for. */
export type Fails = (tape: Tape) => Promise<boolean>

/**
 * A tape that still fails with fewer deviations from the plain order of things: spans are set to 0 or cut out
 * as long as it fails (delta debugging). At most `budget` replays.
 */
export const shrunk = async (tape: Tape, fails: Fails, budget = 400): Promise<Tape> => {
  const attempts = { left: budget }
  let best = trimmed(tape)
  for (const change of [zeroed, without])
    for (let size = Math.max(1, Math.floor(best.length / 2)); size >= 1; size = Math.floor(size / 2))
      best = await pass(best, size, change, fails, attempts)
  return best
}

const pass = async (
  tape: Tape,
  size: number,
  change: (tape: Tape, from: number, size: number) => Tape,
  fails: Fails,
  attempts: { left: number },
): Promise<Tape> => {
  let best = tape
  for (let from = 0; from < best.length && attempts.left > 0; from += size) {
    const next = trimmed(change(best, from, size))
    if (next.length === best.length && next.every((value, i) => value === best[i])) continue
    attempts.left -= 1
    if (await fails(next)) best = next
  }
  return best
}

const zeroed = (tape: Tape, from: number, size: number): Tape =>
  tape.map((value, i) => (i >= from && i < from + size ? 0 : value))
const without = (tape: Tape, from: number, size: number): Tape => [
  ...tape.slice(0, from),
  ...tape.slice(from + size),
]

/** Without the zeros at its end, which a tape goes on with anyway. */
const trimmed = (tape: Tape): Tape => tape.slice(0, tape.findLastIndex(value => value !== 0) + 1)

/** How many choices of a tape differ from the plain order of things. */
export const deviations = (tape: Tape): number => tape.filter(value => value !== 0).length
