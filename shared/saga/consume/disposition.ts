import type { ErrorReport } from '../../runtime/error-report.ts'
import type { Outcome } from '../process/handle.ts'

/** Everything that can become of one event of a delivery. */
export type AttemptResult =
  | Outcome
  /** It cannot be decoded, so there is no document whose inbox could remember it. */
  | { readonly kind: 'poison'; readonly code: string; readonly report?: ErrorReport }
  /**
   * It has a newer version than this release knows. Another instance may know it, so nothing is put on
   * record.
   */
  | { readonly kind: 'newer'; readonly code: string; readonly report?: ErrorReport }
  /** It failed before anything was on record. */
  | {
      readonly kind: 'failed'
      readonly code: string
      readonly retry: 'later' | 'never'
      readonly report?: ErrorReport
    }
  /** The store is away: not this event is at fault, and no other would fare better. */
  | { readonly kind: 'down'; readonly code: string }

/** Why it is not done: a code, and what is known of the error. */
type Because = { readonly reason: string; readonly report?: ErrorReport }

export type Disposition =
  /** Its part of the delivery may be acknowledged. */
  | { readonly do: 'ack' }
  /** A copy waits this long (ms); `attempt` counts failed attempts. */
  | ({ readonly do: 'wait'; readonly ms: number; readonly attempt: number } & Because)
  /**
   * A copy goes to the dead letters after so many failed attempts; `mark` says that the inbox has to know
   * first.
   */
  | ({ readonly do: 'park'; readonly attempts: number; readonly mark: boolean } & Because)
  /** The delivery is kept without an answer, and consuming pauses; it tries again when that is over. */
  | { readonly do: 'keep' }

/** The delays by failed attempt, in ms; the last one repeats. Attempts above `maxAttempts` are parked. */
export type RetryPolicy = { readonly delays: readonly number[]; readonly maxAttempts: number }

/**
 * What is to be done with an event after `attempts` failed attempts before this one; `failingMs` is for how
 * long it has been failing or waiting for a call, with jitter. Pure, and every case has its line.
 */
export const dispositionOf = (
  result: AttemptResult,
  attempts: number,
  { delays, maxAttempts }: RetryPolicy,
  failingMs = 0,
): Disposition => {
  const delay = (n: number) => delays[Math.min(n, delays.length - 1)] ?? 1_000
  const asLongAgain = (least: number) => delays.findLast(ms => ms <= failingMs && ms >= least) ?? least
  const because = (reason: string): Because => ({
    reason,
    ...('report' in result && result.report && { report: result.report }),
  })
  const failed = (reason: string, isLast: boolean, mark: boolean): Disposition =>
    isLast
      ? { do: 'park', attempts: attempts + 1, ...because(reason), mark }
      : { do: 'wait', ms: delay(attempts), attempt: attempts + 1, ...because(reason) }
  switch (result.kind) {
    case 'applied':
    case 'ignored':
    case 'duplicate':
      return { do: 'ack' }
    // Neither is counted, so the pause follows from the time: a call may stay open as long as its provider is
    // away, and what cannot be sent is sent, and recorded in the journal, less and less often.
    case 'busy':
      return { do: 'wait', ms: asLongAgain(delay(0)), attempt: attempts, reason: 'call-open' }
    case 'unfinished':
      return { do: 'wait', ms: asLongAgain(delay(1)), attempt: attempts, ...because(result.code) }
    case 'down':
      return { do: 'keep' }
    case 'dead':
      return { do: 'park', attempts, reason: result.reason, mark: false }
    case 'poison':
      return { do: 'park', attempts, ...because(result.code), mark: false }
    case 'newer':
      return failed(result.code, attempts + 1 >= maxAttempts, false)
    case 'failed':
      return failed(result.code, result.retry === 'never' || attempts + 1 >= maxAttempts, true)
  }
}
