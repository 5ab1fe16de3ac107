import { briefOf, type ErrorReport } from '../../runtime/error-report.ts'
import { SagaError } from '../../runtime/errors.ts'
import type { Refusals } from '../document/document.ts'

/** Once is a mistake that may be put right meanwhile; so many times is a call that is stuck. */
const stuckFrom = 3

/** True when whoever was called judged the call itself, so that the same call can hardly succeed. Pure. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof SagaError && error.code === 'provider-protocol' && error.retry === 'never'

/** The refusals with one more, at `at` (ms): from the third on, the call is stuck since then. Pure. */
export const refusedAgain = (before: Refusals | undefined, report: ErrorReport, at: number): Refusals => {
  const count = (before?.count ?? 0) + 1
  const stuckSince = before?.stuckSince ?? (count >= stuckFrom ? at : undefined)
  const last = { at, reason: briefOf(report).error ?? report.code }
  return { count, last, ...(stuckSince !== undefined && { stuckSince }) }
}
