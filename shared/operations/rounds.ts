import { type Clock, sleep } from '../runtime/clock.ts'

/** A task that is done in rounds, and sooner when there is reason to. */
export type Rounds = {
  /** Begins a round at once, or right after the one under way. */
  soon(): void
  /** Resolves when the last round has ended. */
  stop(): Promise<void>
}

/**
 * Runs `round`, which must not throw, at once and then as many milliseconds after it ended as `pauseMs` says, never twice at the same
 * time.
 */
export const inRounds = (clock: Clock, pauseMs: () => number, round: () => Promise<void>): Rounds => {
  let stopped = false
  let due = new AbortController()
  const loop = async () => {
    while (!stopped) {
      due = new AbortController()
      await round()
      if (!stopped) await sleep(clock, pauseMs(), due.signal)
    }
  }
  const ended = loop()
  return {
    soon: () => due.abort(),
    stop: () => {
      stopped = true
      due.abort()
      return ended
    },
  }
}
