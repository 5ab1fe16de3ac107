import type { EventId, SubjectId } from '../../contract/ids.ts'
import type { Change, SagaDocument } from './document.ts'

/** Instants (ms) from `from` to `to`, both of them included. */
export type DueRange = { readonly from: number; readonly to: number }

/**
 * Where a service keeps its documents. Every call may fail with `store-unavailable`, and then nobody knows
 * whether it was done: the caller looks again. Calls made at the same moment share round trips.
 */
export type Store<S = unknown> = {
  /** The document as a majority holds it, or undefined. */
  load(subject: SubjectId): Promise<SagaDocument<S> | undefined>
  /**
   * One atomic, durable write on top of the version that `document` was read with (0 inserts it).
   * `conflict`: somebody else wrote first, and nothing was changed.
   */
  commit(document: SagaDocument<S>, change: Change<S>): Promise<'committed' | 'conflict'>
  /** Takes ids out of `unsent`; not guarded, because it takes nothing else. */
  clearUnsent(subject: SubjectId, ids: readonly EventId[]): Promise<void>
  /** Documents with something in `unsent`, in order of id after `after`, at most `limit`. */
  unsent(page: { after?: SubjectId; limit: number }): Promise<SagaDocument<S>[]>
  /** Documents whose `due` is not after `now` (ms), the longest overdue first, at most `limit`. */
  due(now: number, limit: number): Promise<SagaDocument<S>[]>
  /** Documents whose call is stuck, the longest one first, at most `limit`. */
  stuck(limit: number): Promise<SagaDocument<S>[]>
  /** Resolves when a write was taken, as a commit is: of nothing that any other call sees. */
  tryWrite(): Promise<void>
  /** How many documents have a `due` in the range, counted up to `limit`. It reads no document. */
  countDue(range: DueRange & { readonly limit: number }): Promise<number>
}

/**
 * Which inputs are done for sure, so that a second delivery costs no store access. It may forget anything at
 * any time, and never fails: unreachable or slow means "not seen".
 */
export type DoneCache = {
  isDone(id: EventId): Promise<boolean>
  /**
   * Resolves when the note was taken or given up; call it only after all that the input caused is confirmed.
   */
  markDone(id: EventId): Promise<void>
}
