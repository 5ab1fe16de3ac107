import type { Notice } from '../contract/notice.ts'

/** What became of one event of a delivery. */
export type Seen = 'applied' | 'ignored' | 'duplicate' | 'busy' | 'retried' | 'parked' | 'held'

/** One event that was settled: how long (ms) it was worked on, and how old (ms) it was then, if it says so. */
export type Settling = {
  /** As it calls itself; undefined when it could not be decoded and has no type. */
  readonly type: string | undefined
  readonly outcome: Seen
  readonly reason?: string | undefined
  readonly ms: number
  readonly ageMs?: number | undefined
}

/** Whoever counts and measures what the kernel does. It is told and never asked: nothing depends on it. */
export type Observer = {
  /** A delivery brought so many events. */
  taken(events: number): void
  settled(settling: Settling): void
  /** There was trouble, or a repair of it. */
  told(notice: Notice): void
  /** A notice may not have reached the journal. */
  untold(notice: Notice): void
  /** How many events the last sweep found unsent. */
  unsent(events: number): void
}

/** Counts nothing. */
export const unobserved: Observer = {
  taken: () => {},
  settled: () => {},
  told: () => {},
  untold: () => {},
  unsent: () => {},
}
