import { type Clock, sleep } from './clock.ts'
import { codeOf } from './errors.ts'
import type { Log } from './log.ts'

/** A task that is done again and again until it is stopped. */
export type Periodic = { stop(): Promise<void> }

/**
 * Runs `task` at once and then `ms` after it ended, never twice at the same time; a failure is logged and the next time comes.
 * `stop` resolves when the last run has ended.
 */
export const periodically = (
  { clock, log }: { clock: Clock; log: Log },
  name: string,
  ms: number,
  task: () => Promise<unknown>,
): Periodic => {
  const stopping = new AbortController()
  const loop = async () => {
    while (!stopping.signal.aborted) {
      await task().catch(error => log.warn('a periodic task failed', { task: name, code: codeOf(error) }))
      await sleep(clock, ms, stopping.signal)
    }
  }
  const ended = loop()
  return {
    stop: () => {
      stopping.abort()
      return ended
    },
  }
}
