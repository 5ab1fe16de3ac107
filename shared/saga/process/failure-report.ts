import type { EventHeader, Fact } from '../../contract/event.ts'
import { sensitiveIn } from '../../contract/redact.ts'
import { type ErrorReport, reportOf } from '../../runtime/error-report.ts'
import { SagaError } from '../../runtime/errors.ts'
import { textsIn } from '../../runtime/text/masked.ts'
import type { SagaContext } from '../context.ts'
import type { SagaDocument } from '../document/document.ts'

/** What was worked on: a subject, or an event of it, whose data may be in a version that is not known here. */
type FailedWork = Pick<EventHeader, 'subject'> & Partial<Pick<Fact, 'type' | 'data' | 'note'>>

/**
 * What failed in work on an event or a subject, without the sensitive values that the work had in hand: those of the event
 * and of all that is on record of its subject. Reads the document only for an error that may quote it; when
 * that cannot be read, only code and place are told.
 */
export const failureOf = async <S>(
  context: SagaContext<S>,
  error: unknown,
  work: FailedWork,
): Promise<ErrorReport> => {
  const { recentDocuments, service, store } = context
  if (error instanceof SagaError) return reportOf(error, sensitiveIn(service.saga, [factOf(work)]))
  const recent = recentDocuments.get(work.subject)
  const found = recent ? { document: recent } : await read(store.load(work.subject))
  if (!found) return withoutWords(reportOf(error))
  return failureOn(context, error, found.document, [work])
}

/** The same for whoever has the document in hand, or knows that there is none. Pure. */
export const failureOn = (
  { service: { saga } }: Pick<SagaContext, 'service'>,
  error: unknown,
  document: Pick<SagaDocument, 'events' | 'intent'> | undefined,
  events: readonly FailedWork[] = [],
): ErrorReport =>
  reportOf(error, [
    ...sensitiveIn(saga, [...events.map(factOf), ...(document?.events ?? [])]),
    ...textsOfCall(document?.intent?.call),
  ])

const factOf = ({ type = '', data, note = false }: FailedWork) => ({ type, data, note })

const read = <S>(loaded: Promise<SagaDocument<S> | undefined>) =>
  loaded.then(
    document => ({ document }),
    () => undefined,
  )

const withoutWords = ({ error: _, stack: __, ...report }: ErrorReport): ErrorReport => report

// A call has no schema: all of it may come from the event that asked for it, but for what kind it is.
const textsOfCall = (call: unknown): string[] => {
  if (typeof call !== 'object' || call === null) return textsIn(call)
  const { kind: _, ...rest } = call as { kind?: unknown }
  return textsIn(rest)
}
