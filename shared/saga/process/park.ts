import { SagaError } from '../../runtime/errors.ts'
import { changeOf, commit, load, retryOnConflict, type SagaContext } from '../context.ts'
import type { InboxEntry } from '../document/document.ts'
import { type Input, isHandled } from './handle.ts'

/**
 * Writes down that the input is given up, before it is parked (protocol, rule 6), so that it is never both
 * applied and forgotten. `handled` when somebody applied it after all: then it must not be parked.
 */
export const markDead = async <S>(
  context: SagaContext<S>,
  input: Input,
  reason: string,
): Promise<'marked' | 'handled'> =>
  mark(context, input, entry => ({
    outcome: 'dead',
    reason,
    ...(entry?.tries && { tries: entry.tries }),
    ...(input.resend && { resend: input.resend }),
  }))

/**
 * Counts, before it is begun, an attempt at an event whose earlier deliveries were lost with their process.
 * Throws `crash-loop` (never retried) when there were too many.
 */
export const markSuspect = async <S>(
  context: SagaContext<S>,
  input: Input,
  maxTries: number,
): Promise<void> => {
  let tries = 0
  const outcome = await mark(context, input, entry => {
    tries = (entry?.tries ?? 0) + 1
    return { ...(entry ?? { outcome: 'suspect' }), tries }
  })
  if (outcome === 'marked' && tries > maxTries)
    throw new SagaError('crash-loop', input.event.id, { retry: 'never' })
}

/** `marked`: the entry is on record; `handled`: the input was applied or ignored meanwhile, and stays so. */
const mark = <S>(
  context: SagaContext<S>,
  { event }: Input,
  entryAfter: (before?: InboxEntry) => InboxEntry,
) =>
  retryOnConflict<'marked' | 'handled'>(event.id, async () => {
    const document = await load(context, event.subject)
    const before = document.inbox[event.id]
    if (isHandled(before)) return 'handled'
    const inbox = { [event.id]: entryAfter(before) }
    const change = changeOf(context.service, document, { inbox }, context.clock.now())
    return (await commit(context, document, change)) === 'conflict' ? 'conflict' : 'marked'
  })
