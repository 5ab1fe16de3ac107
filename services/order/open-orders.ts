import { reportOf } from '../../shared/runtime/error-report.ts'
import { logFailure } from '../../shared/runtime/telemetry/failure-log.ts'
import type { Log } from '../../shared/runtime/telemetry/log.ts'
import type { Clock } from '../../shared/runtime/time/clock.ts'
import type { DueRange, Store } from '../../shared/saga/document/store.ts'
import { once, type Slot } from './api/admission.ts'
import { countingStore, type OpenOrderCount, openOrderCount } from './open-order-count.ts'

/**
 * How long an order counts (ms). One that takes longer waits for a provider, a person or a server that is
 * away, and such an outage must not close the API: it takes at least the limit in this time.
 */
const windowMs = 10_000
/**
 * How long a count is good while orders come (ms). In between, this instance goes on from what it sees
 * itself.
 */
const lookEveryMs = 100
/** By how much the clock of another instance may be ahead (ms). */
const skewMs = 1_000

/** Which orders count at `now`: those placed within the window. An order is due when its deadline passes. */
export const countedAt = (now: number, deadlineMs: number): DueRange => ({
  from: now + deadlineMs - windowMs,
  to: now + deadlineMs + skewMs,
})

/**
 * Bounds the orders that are open at once over all instances, so that no more are taken than the saga can
 * end.
 */
export type OpenOrders = {
  /**
   * A place for one more order, to be left when the order is on record or will not be; or that there is none.
   */
  enter(): Slot | 'full'
  /** How many orders are open, as far as this instance knows. */
  open(): number
  /** Ends what goes on by itself. */
  stop(): void
}

export type OpenOrdersOptions = {
  readonly limit: number
  /** How long after its placing an order is due (ms). */
  readonly deadlineMs: number
  readonly clock: Clock
  readonly log: Log
}

/** The tally of an instance and its store; whoever writes orders writes through `watching`. */
export const watch = ({ deadlineMs, clock }: Pick<OpenOrdersOptions, 'deadlineMs' | 'clock'>) => {
  const seen = openOrderCount()
  const counts = (due: number) => {
    const { from, to } = countedAt(clock.now(), deadlineMs)
    return from <= due && due <= to
  }
  return { seen, watching: <S>(store: Store<S>) => countingStore(store, seen, counts) }
}

/**
 * Open orders out of the store's count and the tally of this instance. It looks while orders come and, when
 * it is full, until there is room; never when it is idle. Without an answer of the store the last count
 * stays, for as long as orders count.
 */
export const openOrders = (
  { countDue }: Pick<Store, 'countDue'>,
  seen: OpenOrderCount,
  { limit, deadlineMs, clock, log }: OpenOrdersOptions,
): OpenOrders => {
  let placing = 0
  let looking = false
  let failing = false
  let askedAt = Number.NEGATIVE_INFINITY
  let knownAt = Number.NEGATIVE_INFINITY
  let stopped = false
  let cancel = () => {}
  const isOutdated = () => clock.monotonic() - knownAt >= windowMs
  const open = () => (isOutdated() ? 0 : seen.known()) + placing

  const ask = async () => {
    if (isOutdated()) {
      seen.mark()(0)
      knownAt = askedAt
    }
    const know = seen.mark()
    // More than the limit, for orders that end here are taken off it.
    know(await countDue({ ...countedAt(clock.now(), deadlineMs), limit: 2 * limit }))
    knownAt = askedAt
  }
  const look = async () => {
    if (looking || clock.monotonic() - askedAt < lookEveryMs) return
    looking = true
    askedAt = clock.monotonic()
    const failure = await ask().then(
      () => undefined,
      (error: unknown) => reportOf(error),
    )
    if (failure && !failing) logFailure(log, 'open orders cannot be counted', failure)
    failing = failure !== undefined
    looking = false
    cancel()
    if (open() >= limit && !stopped) cancel = clock.after(lookEveryMs, () => void look())
  }
  const enter = () => {
    void look()
    if (open() >= limit) return 'full'
    placing++
    return { leave: once(() => placing--) }
  }
  const stop = () => {
    stopped = true
    cancel()
  }
  return { enter, open, stop }
}
