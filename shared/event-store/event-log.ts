import type { Event } from '../contract/event.ts'
import type { Notice } from '../contract/notice.ts'
import type { JournalPosition } from '../messaging/journal.ts'

/** What the log keeps of one entry of the journal: an event, or a notice, as its message had it. */
export type LogEntry = {
  /** Its place in the log: 1, 2, 3, without gaps. It never changes. */
  readonly position: number
  /** The event id or the notice id; in the log once. */
  readonly id: string
  readonly type: string
  /** What it is about; some notices are about nothing in particular. */
  readonly subject: string | undefined
  /** When it was recorded (RFC 3339). */
  readonly at: string
  readonly kind: 'event' | 'notice'
  /** The CloudEvent as JSON text, in the version in which it was published. */
  readonly text: string
}

/** Where the log ends: its last position, 0 when it is empty, and how far the journal is in it. */
export type LogHead = { readonly position: number; readonly journal: JournalPosition | undefined }

/** An entry that is not in the log yet. */
export type NewLogEntry = Omit<LogEntry, 'position'>

/**
 * Every event and notice once, dense and in the order of the journal. It outlives the journal. Every call may
 * fail with `store-unavailable`.
 */
export type EventLog = {
  head(): Promise<LogHead>
  /** What comes after a position, in order, at most `limit`; nothing at the end. */
  read(after: number, limit: number): Promise<readonly LogEntry[]>
  /** The entries of some types after a position, in order, at most `limit`. */
  readTypes(types: readonly string[], after: number, limit: number): Promise<readonly LogEntry[]>
  /** All entries about a subject up to a position, in order. */
  readSubject(subject: string, upTo?: number): Promise<readonly LogEntry[]>
  /** Which of these ids are in the log. */
  known(ids: readonly string[]): Promise<ReadonlySet<string>>
  /** The last position whose entry was recorded at or before an instant (ms); 0 when there is none. */
  positionAt(ms: number): Promise<number>
}

/** The log for whoever extends it. */
export type WritableEventLog = EventLog & {
  /**
   * Appends in one atomic write on top of the position that `head` names. `conflict`: somebody else appended
   * first, and nothing was changed. `journal` is how far the journal is in the log afterwards; with no
   * entries only that is kept, and it may be lost.
   */
  append(
    head: LogHead,
    entries: readonly NewLogEntry[],
    journal: JournalPosition,
  ): Promise<'appended' | 'conflict'>
}

/** An entry as this release reads it: an upcast event, or a notice. */
export type ReadLogEntry = { readonly position: number } & (
  | { readonly event: Event }
  | { readonly notice: Notice }
)
