import type { Notice } from '../../contract/notice.ts'

/** What became of one event of a delivery. */
export type ProcessedAs = 'applied' | 'ignored' | 'duplicate' | 'busy' | 'retried' | 'parked' | 'held'

/**
 * One event that was settled: how long (ms) it was worked on, and how old (ms) it was then, if it says so.
 */
export type ProcessedEvent = {
  /** As it calls itself; undefined when it could not be decoded and has no type. */
  readonly type: string | undefined
  readonly outcome: ProcessedAs
  readonly reason?: string | undefined
  readonly ms: number
  readonly ageMs?: number | undefined
}

/**
 * Whoever counts and measures what the kernel does. It is notified and never asked: nothing depends on it.
 */
export type Observer = {
  /** A delivery brought so many events. */
  received(events: number): void
  processed(settling: ProcessedEvent): void
  /** There was trouble, or a repair of it. */
  reported(notice: Notice): void
  /** A notice may not have reached the journal. */
  reportLost(notice: Notice): void
  /** How many events the last sweep found unsent. */
  unsent(events: number): void
}

/** Counts nothing. */
export const unobserved: Observer = {
  received: () => {},
  processed: () => {},
  reported: () => {},
  reportLost: () => {},
  unsent: () => {},
}
