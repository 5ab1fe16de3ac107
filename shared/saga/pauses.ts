import type { SubjectId } from '../contract/ids.ts'
import { backoff, type Random } from '../runtime/random.ts'
import type { Clock } from '../runtime/time/clock.ts'

/** Leaves alone, for a growing and jittered while, what failed: each subject by itself. */
export type Pauses = {
  /** `code` says why nothing of it could be sent. */
  failed(subject: SubjectId, code: string): void
  ended(subject: SubjectId): void
  isPaused(subject: SubjectId): boolean
}

const rejectedPace = { base: 5_000, cap: 60_000 }
/** What was not confirmed in time may be nobody's fault but the broker's: it goes soon after that is back. */
const unconfirmedPace = { base: 5_000, cap: 15_000 }

/** Of the last `limit` subjects that failed; what is forgotten is tried at once. */
export const pausesOf = ({ clock, random }: { clock: Clock; random: Random }, limit: number): Pauses => {
  const failures = new Map<SubjectId, { readonly count: number; readonly until: number }>()
  return {
    failed: (subject, code) => {
      const pace = code === 'publish-unconfirmed' ? unconfirmedPace : rejectedPace
      const count = failures.get(subject)?.count ?? 0
      failures.delete(subject)
      failures.set(subject, { count: count + 1, until: clock.monotonic() + backoff(random, count, pace) })
      const [oldest] = failures.keys()
      if (failures.size > limit && oldest !== undefined) failures.delete(oldest)
    },
    ended: subject => void failures.delete(subject),
    isPaused: subject => (failures.get(subject)?.until ?? Number.NEGATIVE_INFINITY) > clock.monotonic(),
  }
}
