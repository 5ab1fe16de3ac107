import type { EventHeader } from '../../contract/event.ts'
import type { ErrorReport } from '../../runtime/error-report.ts'
import type { SagaContext } from '../context.ts'
import { failureOf } from './failure-report.ts'

/** It is on record, and what follows from that failed. */
export type UnfinishedResult = {
  readonly kind: 'unfinished'
  readonly code: string
  readonly report?: ErrorReport
}

/** What fails after the commit is tried again without counting: giving up would leave it half done. */
export const afterCommit = async <T>(
  context: SagaContext,
  event: EventHeader,
  work: () => Promise<T>,
): Promise<T | UnfinishedResult> => {
  try {
    return await work()
  } catch (error) {
    const report = await failureOf(context, error, event)
    return { kind: 'unfinished', code: report.code, report }
  }
}
