import type { Clock } from '../../runtime/time/clock.ts'
import type { Periodic, periodically } from '../../runtime/time/periodic.ts'
import type { SagaContext } from '../context.ts'
import type { Store } from '../document/store.ts'
import { sweepDue } from './sweep.ts'

/**
 * Sweeps what is due when something is, and seldom when nothing is: a question to the store that is asked for
 * nothing costs a millisecond.
 */
export type DueSweep = {
  /** The same store; what this instance commits with a due time is swept when that comes. */
  noting<S>(store: Store<S>): Store<S>
  start<S>(context: SagaContext<S>, every: typeof periodically): Periodic
}

/**
 * Not more often than each second, and at least each five seconds: what an instance left that died is
 * nobody's note.
 */
const looks = { leastMs: 1_000, mostMs: 5_000 }

export const dueSweep = (clock: Clock): DueSweep => {
  // On the monotonic clock; what is due is an instant.
  let nextAt = Number.NEGATIVE_INFINITY
  let earliest = Number.POSITIVE_INFINITY
  let soon = () => {}
  const note = (due: number) => {
    earliest = Math.min(earliest, due)
    const inMs = Math.max(0, due - clock.now())
    if (nextAt - clock.monotonic() - inMs > looks.leastMs) soon()
  }
  const sweep = async <S>(context: SagaContext<S>) => {
    earliest = Number.POSITIVE_INFINITY
    nextAt = clock.monotonic() + looks.leastMs
    const found = await sweepDue(context, looks.mostMs)
    const inMs = Math.min(found, earliest) - clock.now()
    // What is noted meanwhile may be missing in what was found.
    nextAt = clock.monotonic() + Math.min(looks.mostMs, Math.max(looks.leastMs, inMs))
  }
  return {
    noting: store => ({
      ...store,
      commit: (document, change) => {
        const { due } = change
        const committing = store.commit(document, change)
        // Also when nobody knows whether it was done.
        return due == null ? committing : committing.finally(() => note(due))
      },
    }),
    start: (context, every) => {
      const periodic = every(
        context,
        'due',
        () => nextAt - clock.monotonic(),
        () => sweep(context),
      )
      soon = periodic.soon
      return periodic
    },
  }
}
