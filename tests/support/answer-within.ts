import { SagaError } from '../../shared/runtime/errors.ts'
import { type Clock, within } from '../../shared/runtime/time/clock.ts'

/** Whose answer is awaited, for how many milliseconds, and by which clock. */
type Deadline = { who: string; timeoutMs: number; clock: Clock }

/**
 * The answer of `ask`, when it comes in time: what a gateway does with its time-out, without its sockets.
 * @throws SagaError `provider-unavailable` when the time is up; nothing is known of the outcome then.
 */
export const answerWithin = async <T>(
  { who, timeoutMs, clock }: Deadline,
  ask: () => Promise<T>,
): Promise<T> => {
  const first = await within(clock, timeoutMs, ask())
  if (first !== 'late') return first.value
  throw new SagaError('provider-unavailable', `${who} did not answer within ${timeoutMs} ms`)
}
