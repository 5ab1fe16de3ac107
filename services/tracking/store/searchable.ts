import type { Log } from '../../../shared/runtime/telemetry/log.ts'
import type { Clock } from '../../../shared/runtime/time/clock.ts'
import { type Periodic, periodically } from '../../../shared/runtime/time/periodic.ts'
import type { TrackedOrder } from '../domain.ts'
import type { Generations } from './generations.ts'

/** So many orders stand for all: ids are random. */
const sampleSize = 50
const pauseMs = { looking: 1_000, done: 3_600_000 }

/**
 * Looks once, as soon as a generation answers, whether a release wrote it that did not keep what orders are
 * searched by, and has it built anew then. Doing so again does no harm.
 */
export const keepSearchable = (
  generations: Pick<Generations, 'ready' | 'serving' | 'rebuild'>,
  deps: { clock: Clock; log: Log },
): Periodic => {
  let isDone = false
  const look = async () => {
    if (isDone || !generations.ready()) return
    const sample = await generations.serving().model.page(undefined, sampleSize)
    if (!sample.every(isSearchable)) await generations.rebuild()
    isDone = true
  }
  return periodically(deps, 'search', () => (isDone ? pauseMs.done : pauseMs.looking), look)
}

/** True when the order has all that searches look at. Pure. */
const isSearchable = ({ reasons, total, smallest }: TrackedOrder): boolean =>
  reasons !== undefined && (total === undefined || smallest !== undefined)
