import type { NoticeKind } from '../../shared/contract/notice.ts'

/** A fact or a notice as it is kept: nothing sensitive is left in its data. */
export type Entry = {
  readonly id: string
  readonly type: string
  readonly service: string
  /** RFC 3339, by the clock of the service. */
  readonly at: string
  /** The id of the event that it follows from, or that it is about. */
  readonly cause?: string
  /** Absent for a fact. */
  readonly notice?: NoticeKind
  /**
   * The version of an event that was newer than what could be read: its data are missing until a release that
   * knows it reads it again.
   */
  readonly newer?: number
  readonly data: Readonly<Record<string, unknown>>
}
