import type { OrderId } from '../contract/ids.ts'
import type { Intent } from '../persistence/document.ts'
import { codeOf } from '../runtime/errors.ts'
import { relay } from './initiate.ts'
import { finishIntent, postpone, type WithIntent } from './intent.ts'
import { type Kernel, load } from './kernel.ts'
import { failedCall, repaired } from './notices.ts'

/**
 * Finishes a detached call in the background, unless this process does so already: its answer is committed as soon as it is there. How
 * many are open is bounded by taking in less, never by leaving one alone. What the sweep resumes is told once it is finished.
 */
export const takeOver = <S>(kernel: Kernel<S>, orderId: OrderId, by: 'message' | 'sweep'): void => {
  const { detached, inWork } = kernel
  if (detached.has(orderId)) return
  detached.add(orderId)
  inWork.add()
  const work = finishDetached(kernel, orderId, by === 'sweep')
    .catch(error => kernel.log.warn('a detached call waits for the sweep', { orderId, code: codeOf(error) }))
    .finally(() => {
      detached.delete(orderId)
      inWork.leave(1)
    })
  kernel.background(work)
}

const finishDetached = async <S>(kernel: Kernel<S>, orderId: OrderId, resumed: boolean): Promise<void> => {
  for (let known = kernel.recent.get(orderId); ; known = undefined) {
    const { intent, ...rest } = known ?? (await load(kernel, orderId))
    if (intent?.due === undefined) return
    const finished = await attempt(kernel, { ...rest, intent })
    if (finished === 'open') return
    if (finished === 'again') continue
    await relay(kernel, orderId, finished.events)
    if (resumed) await tellResumed(kernel, orderId, intent)
    return
  }
}

const attempt = async <S>(kernel: Kernel<S>, document: WithIntent<S>) => {
  try {
    return await finishIntent(kernel, document, { messageWaits: false })
  } catch (error) {
    kernel.log.warn('a detached call failed', { orderId: document.orderId, code: codeOf(error) })
    const retryInMs = await postpone(kernel, document)
    await kernel.tell(failedCall(kernel, document, { reason: codeOf(error), retryInMs }))
    return 'open'
  }
}

const tellResumed = (kernel: Kernel, orderId: OrderId, { source: { id, type } }: Intent): Promise<void> => {
  const about = { subject: id, nth: 'call-resumed', orderId, eventId: id, eventType: type }
  return kernel.tell(repaired(kernel, about, 'call-resumed'))
}
