import { type Decoded, headerOf } from '../../contract/envelope.ts'
import type { ProcessedAs, ProcessedEvent } from '../observe/observer.ts'
import type { AttemptResult, Disposition } from './disposition.ts'

/** What is to be counted of one event of a delivery that was worked on for `ms` until the instant `now`. Pure. */
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
    case 'requeue':
      return 'held'
  }
}
