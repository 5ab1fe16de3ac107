import { reportOf } from '../error-report.ts'
import { logFailure } from '../telemetry/failure-log.ts'
import type { Log } from '../telemetry/log.ts'
import { type Clock, sleep } from './clock.ts'

/** A task that is done again and again until it is stopped. */
export type Periodic = {
  /** Runs it at once, or right after the run under way. */
  soon(): void
  /** Resolves when the last run has ended. */
  stop(): Promise<void>
}

/**
 * Runs `task` at once and then `pauseMs` after it ended, asked each time when it is a function, never twice
 * at the same time; a failure is logged and the next time comes.
 */
export const periodically = (
  { clock, log }: { clock: Clock; log: Log },
  name: string,
  pauseMs: number | (() => number),
  task: () => Promise<unknown>,
): Periodic => {
  let stopped = false
  let pause = new AbortController()
  const loop = async () => {
    while (!stopped) {
      pause = new AbortController()
      await task().catch(error => logFailure(log, 'a periodic task failed', reportOf(error), { task: name }))
      const ms = typeof pauseMs === 'number' ? pauseMs : pauseMs()
      if (!stopped) await sleep(clock, ms, pause.signal)
    }
  }
  const ended = loop()
  return {
    soon: () => pause.abort(),
    stop: () => {
      stopped = true
      pause.abort()
      return ended
    },
  }
}
