import { type Decoded, headerOf } from '../../contract/envelope.ts'
import type { SagaContext } from '../context.ts'
import type { ProcessedAs, ProcessedEvent } from '../observe/observer.ts'
import type { AttemptResult, Disposition } from './disposition.ts'
import type { ReceivedEvent } from './received-event.ts'
import type { ProcessedAttempt } from './stage.ts'

/** The stage that counts and times what became of an event. */
export const measured =
  <S>({ observer, clock }: SagaContext<S>, next: (received: ReceivedEvent) => Promise<ProcessedAttempt>) =>
  async (received: ReceivedEvent): Promise<Disposition> => {
    const since = clock.monotonic()
    const { result, disposition } = await next(received)
    const times = { ms: clock.monotonic() - since, now: clock.now() }
    observer.processed(processedEventOf(result, disposition, received, times))
    return disposition
  }

/**
 * What is to be counted of one event of a delivery that was worked on for `ms` until the instant `now`. Pure.
 */
export const processedEventOf = (
  result: AttemptResult,
  disposition: Disposition,
  { decoded }: { readonly decoded: Decoded },
  { ms, now }: { readonly ms: number; readonly now: number },
): ProcessedEvent => {
  const event = headerOf(decoded)
  const isFirst = result.kind === 'applied' || result.kind === 'ignored'
  return {
    type: event?.type,
    outcome: processedAs(result, disposition),
    ms,
    ...('reason' in disposition && { reason: disposition.reason }),
    ...(isFirst && event && { ageMs: now - Date.parse(event.at) }),
  }
}

const processedAs = (result: AttemptResult, disposition: Disposition): ProcessedAs => {
  switch (disposition.do) {
    case 'ack':
      return result.kind as 'applied' | 'ignored' | 'duplicate' // nothing else is acknowledged
    case 'wait':
      return result.kind === 'busy' ? 'busy' : 'retried'
    case 'park':
      return 'parked'
    case 'keep':
      return 'held'
  }
}
