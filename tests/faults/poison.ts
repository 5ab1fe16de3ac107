import { batches, unreadableBodies } from './poison-bodies.ts'
import { forgeries, strangeEvents } from './poison-events.ts'
import { forgedFrames } from './poison-frames.ts'
import type { Poison } from './poison-parts.ts'

/** Poison of every kind. */
export const poisons: readonly Poison[] = [
  ...unreadableBodies,
  ...strangeEvents,
  ...forgeries,
  ...batches,
  ...forgedFrames,
]
