import type { Delivery } from './broker.ts'

/** One message of the journal. Its body has one or several events, or a notice. */
export type JournalMessage = {
  /** Counts the messages of the journal, with gaps. */
  readonly offset: number
  readonly messageId: string | undefined
  readonly type: string | undefined
  readonly body: Buffer
  readonly contentType: string | undefined
}

/**
 * How far somebody has read: the last message that was dealt with. Its id distinguishes this journal from
 * another one.
 */
export type JournalPosition = { readonly offset: number; readonly messageId: string | undefined }

/**
 * Why the reading does not go on where it was: the journal was made anew and is read from its start, or its
 * oldest part is gone by age and what stood there was never read.
 */
export type JournalBreak = 'made-anew' | 'cut-off'

/** Reads the journal in order, from a position on, and comes back by itself after every kind of loss. */
export type JournalReader = {
  /**
   * What has arrived and was not taken yet, at most `limit`; waits for something, and until `notBefore` (ms,
   * on the monotonic clock) unless `limit` have arrived before. Nothing when it was closed meanwhile.
   */
  take(limit: number, notBefore?: number): Promise<readonly JournalMessage[]>
  /** True while it reads, and is known to read the journal of its position. */
  readonly reading: boolean
  /**
   * True when it reads, everything that arrived was taken, and nothing further comes: the end of the journal
   * is reached.
   */
  readonly atEnd: boolean
  close(): Promise<void>
}

/** The log of everything that was published, as RabbitMQ keeps it. */
export type Journal = {
  /**
   * Reads what comes after `after`, or everything. `onBreak` hears when that is not possible, before the
   * first message of what is read instead.
   */
  open(options: { after: JournalPosition | undefined; onBreak: (kind: JournalBreak) => void }): JournalReader
}

/** A message of the journal with all that it takes to send it again. */
export type JournalCopy = Pick<
  Delivery,
  'key' | 'body' | 'contentType' | 'type' | 'messageId' | 'correlationId' | 'headers'
>

/**
 * What the journal took from `since` (ms) on up to the end that it has when the reading begins, in order and
 * in pieces; a little that is older may come too. The reading ends early when its consumer does.
 * @throws SagaError `broker-unavailable` when it was cut off, `broker-refused`
 */
export type ReadSpan = (since: number) => AsyncIterable<readonly JournalCopy[]>

/**
 * What the first message says when the reading is taken up again at the position itself: the message that
 * stood there must still stand there. A position beyond the end of a journal is silently read from its end,
 * so the offset alone proves nothing.
 */
export const continuity = (position: JournalPosition, first: JournalPosition): 'goes-on' | JournalBreak => {
  if (first.offset > position.offset) return 'cut-off'
  return first.offset === position.offset && first.messageId === position.messageId ? 'goes-on' : 'made-anew'
}
