import type { InboxEntry } from '../persistence/document.ts'
import { SagaError } from '../runtime/errors.ts'
import { type Input, isHandled } from './handle.ts'
import { changeOf, type Kernel, load } from './kernel.ts'

const rounds = 20

/**
 * Writes down that the input is given up, before it is parked (protocol, rule 6), so that it is never both applied and forgotten.
 * `handled` when somebody applied it after all: then it must not be parked.
 */
export const markDead = async <S>(
  kernel: Kernel<S>,
  input: Input,
  reason: string,
): Promise<'dead' | 'handled'> =>
  mark(kernel, input, entry => ({
    outcome: 'dead',
    reason,
    ...(entry?.tries && { tries: entry.tries }),
    ...(input.resend && { resend: input.resend }),
  }))

/**
 * Counts, before it is begun, an attempt at an event whose earlier deliveries were lost with their process.
 * Throws `crash-loop` (never retried) when there were too many.
 */
export const markSuspect = async <S>(kernel: Kernel<S>, input: Input, maxTries: number): Promise<void> => {
  let tries = 0
  const marked = await mark(kernel, input, entry => {
    tries = (entry?.tries ?? 0) + 1
    return { ...(entry ?? { outcome: 'suspect' }), tries }
  })
  if (marked === 'dead' && tries > maxTries)
    throw new SagaError('crash-loop', input.event.id, { retry: 'never' })
}

const mark = async <S>(kernel: Kernel<S>, input: Input, entryAfter: (before?: InboxEntry) => InboxEntry) => {
  const { id, orderId } = input.event
  for (let round = 0; round < rounds; round++) {
    const document = await load(kernel, orderId)
    const before = document.inbox[id]
    if (isHandled(before)) return 'handled'
    const change = changeOf(
      kernel.service,
      document,
      { inbox: { [id]: entryAfter(before) } },
      kernel.clock.now(),
    )
    if ((await kernel.store.commit(document, change)) === 'committed') return 'dead'
  }
  throw new SagaError('contended', id)
}
