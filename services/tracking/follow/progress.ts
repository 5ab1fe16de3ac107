import type { JournalMessage, JournalPosition } from '../../../shared/messaging/journal.ts'
import { events } from '../../contract/shop.ts'
import type { Reading } from './entries.ts'

/**
 * The newest time of what was applied (ms), and the place in the journal; the index is that of the last event
 * in its message.
 */
type Place = JournalPosition & { readonly index: number; readonly newestAt: number | undefined }

/**
 * The newest version of each type that a release knows. A list, for types have dots, which no field name of a
 * document should have.
 */
type Versions = readonly { readonly type: string; readonly version: number }[]

/**
 * What could not be read and a later release may read: behind which place it begins (null is the start), and
 * what all knew that passed it.
 */
type LeftOut = { readonly after: Place | null; readonly known: Versions }

/** How far a generation has come, and what it left out on the way. */
export type Progress = Place & { readonly leftOut?: LeftOut }

const knownHere: Versions = events.map(({ type, version }) => ({ type, version }))

/** Where to go on: behind where it was left, or before what was left out there and may be read now. Pure. */
export const beginningOf = (left: Progress | undefined, now = knownHere): Progress | undefined => {
  if (!left?.leftOut || !knowsMore(now, left.leftOut.known)) return left
  const { after } = left.leftOut
  return after ? { ...after, newestAt: left.newestAt } : undefined
}

const knowsMore = (now: Versions, before: Versions): boolean =>
  now.some(({ type, version }) => version > versionIn(before, type))

const versionIn = (versions: Versions, wanted: string): number =>
  versions.find(({ type }) => type === wanted)?.version ?? 0

/** The progress after one message more. Pure. */
export const progressAfter = (
  before: Progress | undefined,
  { offset, messageId }: Pick<JournalMessage, 'offset' | 'messageId'>,
  { told, unreadable, forLater }: Reading,
  now = knownHere,
): Progress => {
  const times = told.map(({ entry }) => Date.parse(entry.at))
  const newestAt = Math.max(before?.newestAt ?? 0, ...times) || undefined
  const leftOut = forLater ? leftOutAt(before, now) : before?.leftOut
  return {
    ...{ offset, messageId, index: told.length + unreadable.length - 1, newestAt },
    ...(leftOut && { leftOut }),
  }
}

const leftOutAt = (before: Progress | undefined, known: Versions): LeftOut => {
  const { leftOut, ...place } = before ?? {}
  if (leftOut) return { after: leftOut.after, known: common(leftOut.known, known) }
  return { after: before ? (place as Place) : null, known }
}

const common = (some: Versions, others: Versions): Versions =>
  some.map(({ type, version }) => ({ type, version: Math.min(version, versionIn(others, type)) }))
