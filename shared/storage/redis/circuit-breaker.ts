import { type ErrorReport, reportOf } from '../../runtime/error-report.ts'
import { type Clock, within } from '../../runtime/time/clock.ts'

/**
 * How long (ms) an answer may take, this process's own delays apart, and how long nobody asks again after a
 * failure.
 */
export type CircuitBreakerOptions = { readonly answerMs: number; readonly pauseMs: number }

/** Does the work, or has the other answer at once; never fails. */
export type CircuitBreaker = <T>(work: () => Promise<T>, otherwise: T) => Promise<T>

const late: ErrorReport = { code: 'late', unexpected: false }

/**
 * Keeps a dependency that is nice to have from costing time: after a failed or late answer nobody asks it for
 * a pause, or until an answer comes to somebody who asked before. `changed` is called once when it begins to
 * fail, with why, and once when it works again, with how often it has failed meanwhile.
 */
export const circuitBreaker = (
  clock: Clock,
  { answerMs, pauseMs }: CircuitBreakerOptions,
  changed: (failing: ErrorReport | undefined, failures: number) => void,
): CircuitBreaker => {
  let pausedUntil = Number.NEGATIVE_INFINITY
  let failing = false
  let failures = 0
  const turn = (why: ErrorReport | undefined) => {
    pausedUntil = why === undefined ? Number.NEGATIVE_INFINITY : clock.monotonic() + pauseMs
    const turned = (why !== undefined) !== failing
    failing = why !== undefined
    if (why !== undefined) failures++
    if (turned) changed(why, failures)
    if (why === undefined) failures = 0
  }
  return async (work, otherwise) => {
    if (clock.monotonic() < pausedUntil) return otherwise
    try {
      const answered = await within(clock, answerMs, work())
      turn(answered === 'late' ? late : undefined)
      return answered === 'late' ? otherwise : answered.value
    } catch (error) {
      turn(reportOf(error))
      return otherwise
    }
  }
}
