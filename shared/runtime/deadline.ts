import { type Clock, within } from './clock.ts'
import { SagaError } from './errors.ts'

/** Whose answer is awaited, for how many milliseconds, and by which clock. */
export type Deadline = { who: string; timeoutMs: number; clock: Clock }

/**
 * The answer of `ask`, when it comes in time; else the signal that `ask` was given is aborted and nothing is known of the outcome.
 * @throws SagaError `provider-unavailable` when the time is up.
 */
export const answerWithin = async <T>(
  { who, timeoutMs, clock }: Deadline,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const asking = new AbortController()
  const first = await within(clock, timeoutMs, ask(asking.signal))
  if (first !== 'late') return first.value
  asking.abort()
  throw new SagaError('provider-unavailable', `${who} did not answer within ${timeoutMs} ms`)
}
