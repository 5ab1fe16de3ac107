import { type Decoded, headingIn } from '../../contract/envelope.ts'
import type { Seen, Settling } from '../observer.ts'
import type { Result, Settlement } from './settle.ts'

/** What is to be counted of one event of a delivery that was worked on for `ms` until the instant `now`. Pure. */
export const settlingOf = (
  result: Result,
  settlement: Settlement,
  { decoded }: { readonly decoded: Decoded },
  { ms, now }: { readonly ms: number; readonly now: number },
): Settling => {
  const event = headingIn(decoded)
  const isFirst = result.kind === 'applied' || result.kind === 'ignored'
  return {
    type: event?.type,
    outcome: seenAs(result, settlement),
    ms,
    ...('reason' in settlement && { reason: settlement.reason }),
    ...(isFirst && event && { ageMs: now - Date.parse(event.at) }),
  }
}

const seenAs = (result: Result, settlement: Settlement): Seen => {
  switch (settlement.do) {
    case 'ack':
      return result.kind as 'applied' | 'ignored' | 'duplicate' // nothing else is acknowledged
    case 'wait':
      return result.kind === 'busy' ? 'busy' : 'retried'
    case 'park':
      return 'parked'
    case 'hold':
      return 'held'
  }
}
