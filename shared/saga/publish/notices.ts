import type { EventId, SubjectId } from '../../contract/ids.ts'
import type { Notice, NoticeKind } from '../../contract/notice.ts'
import { briefOf, type ErrorReport } from '../../runtime/error-report.ts'
import type { SagaContext } from '../context.ts'
import type { SagaDocument } from '../document/document.ts'

type DataOf<K extends NoticeKind> = Extract<Notice, { kind: K }>['data']

/**
 * Who speaks, when (ms) and of what; `nth` distinguishes troubles of the same topic, and is the same
 * for the same.
 */
export type NoticeSubject = {
  readonly service: string
  readonly at: number
  readonly topic: string
  readonly nth: string | number
  readonly subject?: SubjectId | undefined
  readonly eventId?: EventId | undefined
  readonly eventType?: string | undefined
}

const longestId = 200
const longestReason = 100

/** A notice whose id follows from what it is about, so that a repetition is recognised. Pure. */
export const noticeOf = <K extends NoticeKind>(kind: K, data: DataOf<K>, about: NoticeSubject): Notice => {
  const { service, at, topic, nth, subject, eventId, eventType } = about
  return {
    id: `${topic}/${service}/${kind}/${nth}`.slice(0, longestId),
    ...{ service, kind, at: new Date(at).toISOString(), subject, eventId, eventType },
    data: 'reason' in data ? { ...data, reason: data.reason.slice(0, longestReason) } : data,
  } as Notice // `data` is the one of `kind`, which the compiler loses in the spread
}

/**
 * A call outside failed and goes on in `retryInMs`. The first attempt is the one that its message waited for;
 * each that fails after the call went on in the background counts one more.
 */
export const failedCallNotice = (
  context: SagaContext,
  { subject, intent }: SagaDocument,
  report: ErrorReport,
  retryInMs: number,
): Notice => {
  const { service, at } = speaker(context)
  const attempt = intent?.due === undefined ? 1 : (intent.failures ?? 0) + 2
  const { id: eventId, type: eventType } = intent?.source ?? {}
  const about = { topic: eventId ?? subject, nth: `call-${attempt}`, subject, eventId, eventType }
  const data = { reason: report.code, ...briefOf(report), attempt, retryInMs }
  return noticeOf('attempt-failed', data, { service, at, ...about })
}

/** Something was put right; `more` says how many events it took (one, unless set), or the decision of a person. */
export const repairedNotice = (
  context: SagaContext,
  about: Omit<NoticeSubject, 'service' | 'at'>,
  what: DataOf<'repaired'>['what'],
  more: Partial<DataOf<'repaired'>> = {},
): Notice => noticeOf('repaired', { count: 1, ...more, what }, { ...speaker(context), ...about })

const speaker = ({ service, clock }: SagaContext) => ({ service: service.name, at: clock.now() })
