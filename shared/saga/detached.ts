import type { OrderId } from '../contract/ids.ts'
import { codeOf } from '../runtime/errors.ts'
import { relay } from './initiate.ts'
import { finishIntent, postpone, type WithIntent } from './intent.ts'
import { type Kernel, load } from './kernel.ts'

/**
 * Finishes a detached call in the background, unless this process does so already or has its hands full;
 * then the sweep comes back to it when it is due.
 */
export const takeOver = <S>(kernel: Kernel<S>, orderId: OrderId): void => {
  const { running, limit } = kernel.detached
  if (running.has(orderId) || running.size >= limit) return
  running.add(orderId)
  const work = finishDetached(kernel, orderId)
    .catch(error => kernel.log.warn('a detached call waits for the sweep', { orderId, code: codeOf(error) }))
    .finally(() => running.delete(orderId))
  kernel.background(work)
}

const finishDetached = async <S>(kernel: Kernel<S>, orderId: OrderId): Promise<void> => {
  for (;;) {
    const { intent, ...rest } = await load(kernel, orderId)
    if (intent?.due === undefined) return
    const finished = await attempt(kernel, { ...rest, intent })
    if (finished === 'open') return
    if (finished !== 'again') return relay(kernel, orderId, finished.events)
  }
}

const attempt = async <S>(kernel: Kernel<S>, document: WithIntent<S>) => {
  try {
    return await finishIntent(kernel, document, { messageWaits: false })
  } catch (error) {
    kernel.log.warn('a detached call failed', { orderId: document.orderId, code: codeOf(error) })
    await postpone(kernel, document)
    return 'open'
  }
}
