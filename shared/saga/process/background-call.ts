import type { SubjectId } from '../../contract/ids.ts'
import { logFailure } from '../../runtime/telemetry/failure-log.ts'
import { load, type OpenCall, type SagaContext } from '../context.ts'
import type { Intent, SagaDocument } from '../document/document.ts'
import { subjectNames, workNames } from '../observe/log-names.ts'
import { failedCallNotice, repairedNotice } from '../publish/notices.ts'
import { failureOf, failureOn } from './failure-report.ts'
import { relay } from './initiate.ts'
import { finishIntent, type IntentResult, postpone, type WithIntent } from './intent.ts'
import { isRefusal } from './refusals.ts'

/**
 * Who leaves a call to the background, and the call itself when it is under way here: its answer may come at
 * any moment.
 */
type StartOfCall = { readonly by: 'message' | 'sweep'; readonly call?: OpenCall | undefined }

/**
 * Finishes a background call in the background, unless this process does so already: its answer is committed
 * as soon as it is there. How many are open is bounded by taking in less, never by leaving one alone. What
 * the sweep resumes is reported once it is finished.
 */
export const finishInBackground = <S>(
  context: SagaContext<S>,
  subject: SubjectId,
  handover: StartOfCall,
): void => {
  const { backgroundCalls: detached, concurrency: inWork } = context
  if (detached.has(subject)) return
  detached.add(subject)
  inWork.add()
  const work = finishCall(context, subject, handover)
    .catch(async error => {
      const report = await failureOf(context, error, { subject })
      logFailure(context.log, 'a background call waits for the sweep', report, subjectNames(context, subject))
    })
    .finally(() => {
      detached.delete(subject)
      inWork.leave(1)
    })
  context.background(work)
}

const finishCall = async <S>(
  context: SagaContext<S>,
  subject: SubjectId,
  { by, call }: StartOfCall,
): Promise<void> => {
  let document = context.recentDocuments.get(subject) ?? (await load(context, subject))
  for (let open = call; isInBackground(document); open = undefined) {
    const finished = await attempt(context, document, open)
    if (finished === 'conflict') {
      document = await load(context, subject)
      continue
    }
    if ('call' in finished) return
    await relay(context, subject, finished.events)
    if (by === 'sweep') await reportResumed(context, subject, document.intent)
    return
  }
}

const isInBackground = <S>(document: SagaDocument<S>): document is WithIntent<S> =>
  document.intent?.due !== undefined

const attempt = async <S>(
  context: SagaContext<S>,
  document: WithIntent<S>,
  call: OpenCall | undefined,
): Promise<IntentResult> => {
  try {
    return await finishIntent(context, document, { messageWaits: false, call })
  } catch (error) {
    const report = failureOn(context, error, document)
    logFailure(context.log, 'a background call failed', report, workNames(context, document))
    const retryInMs = await postpone(context, document, isRefusal(error) ? report : undefined)
    await context.reportNotice(failedCallNotice(context, document, report, retryInMs))
    return { call: undefined }
  }
}

const reportResumed = (
  context: SagaContext,
  subject: SubjectId,
  { source: { id, type } }: Intent,
): Promise<void> => {
  const about = { topic: id, nth: 'call-resumed', subject, eventId: id, eventType: type }
  return context.reportNotice(repairedNotice(context, about, 'call-resumed'))
}
