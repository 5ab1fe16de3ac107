import type { SubjectId } from '../contract/ids.ts'
import type { Intent, SagaDocument } from '../persistence/document.ts'
import { codeOf } from '../runtime/errors.ts'
import { relay } from './initiate.ts'
import { type Finished, finishIntent, postpone, type WithIntent } from './intent.ts'
import { type Kernel, load, named, type OpenCall } from './kernel.ts'
import { failedCall, repaired } from './notices.ts'

/** Who leaves a call to the background, and the call itself when it is under way here: its answer may come at any moment. */
type Handover = { readonly by: 'message' | 'sweep'; readonly call?: OpenCall | undefined }

/**
 * Finishes a detached call in the background, unless this process does so already: its answer is committed as soon as it is there. How
 * many are open is bounded by taking in less, never by leaving one alone. What the sweep resumes is told once it is finished.
 */
export const takeOver = <S>(kernel: Kernel<S>, subject: SubjectId, handover: Handover): void => {
  const { detached, inWork } = kernel
  if (detached.has(subject)) return
  detached.add(subject)
  inWork.add()
  const work = finishDetached(kernel, subject, handover)
    .catch(error =>
      kernel.log.warn('a detached call waits for the sweep', {
        ...named(kernel, subject),
        code: codeOf(error),
      }),
    )
    .finally(() => {
      detached.delete(subject)
      inWork.leave(1)
    })
  kernel.background(work)
}

const finishDetached = async <S>(
  kernel: Kernel<S>,
  subject: SubjectId,
  { by, call }: Handover,
): Promise<void> => {
  let document = kernel.recent.get(subject) ?? (await load(kernel, subject))
  for (let open = call; isDetached(document); open = undefined) {
    const finished = await attempt(kernel, document, open)
    if (finished === 'again') {
      document = await load(kernel, subject)
      continue
    }
    if ('call' in finished) return
    await relay(kernel, subject, finished.events)
    if (by === 'sweep') await tellResumed(kernel, subject, document.intent)
    return
  }
}

const isDetached = <S>(document: SagaDocument<S>): document is WithIntent<S> =>
  document.intent?.due !== undefined

const attempt = async <S>(
  kernel: Kernel<S>,
  document: WithIntent<S>,
  call: OpenCall | undefined,
): Promise<Finished> => {
  try {
    return await finishIntent(kernel, document, { messageWaits: false, call })
  } catch (error) {
    kernel.log.warn('a detached call failed', { ...named(kernel, document.subject), code: codeOf(error) })
    const retryInMs = await postpone(kernel, document)
    await kernel.tell(failedCall(kernel, document, { reason: codeOf(error), retryInMs }))
    return { call: undefined }
  }
}

const tellResumed = (kernel: Kernel, subject: SubjectId, { source: { id, type } }: Intent): Promise<void> => {
  const about = { topic: id, nth: 'call-resumed', subject, eventId: id, eventType: type }
  return kernel.tell(repaired(kernel, about, 'call-resumed'))
}
