import { codeOf } from '../../runtime/errors.ts'
import { type Clock, within } from '../../runtime/time/clock.ts'

/**
 * How long (ms) an answer may take, this process's own delays apart, and how long nobody asks again after a
 * failure.
 */
export type CircuitBreakerOptions = { readonly answerMs: number; readonly pauseMs: number }

/** Does the work, or has the other answer at once; never fails. */
export type CircuitBreaker = <T>(work: () => Promise<T>, otherwise: T) => Promise<T>

/**
 * Keeps a dependency that is nice to have from costing time: after a failed or late answer nobody asks it for
 * a pause, or until an answer comes to somebody who asked before. `changed` is told once when it begins to
 * fail, with the code, and once when it works again, with how often it has failed meanwhile.
 */
export const circuitBreaker = (
  clock: Clock,
  { answerMs, pauseMs }: CircuitBreakerOptions,
  changed: (failing: string | undefined, failures: number) => void,
): CircuitBreaker => {
  let pausedUntil = Number.NEGATIVE_INFINITY
  let failing: string | undefined
  let failures = 0
  const turn = (code: string | undefined) => {
    pausedUntil = code === undefined ? Number.NEGATIVE_INFINITY : clock.monotonic() + pauseMs
    const turned = (code === undefined) !== (failing === undefined)
    failing = code
    if (code !== undefined) failures++
    if (turned) changed(code, failures)
    if (code === undefined) failures = 0
  }
  return async (work, otherwise) => {
    if (clock.monotonic() < pausedUntil) return otherwise
    try {
      const answered = await within(clock, answerMs, work())
      turn(answered === 'late' ? 'late' : undefined)
      return answered === 'late' ? otherwise : answered.value
    } catch (error) {
      turn(codeOf(error))
      return otherwise
    }
  }
}
