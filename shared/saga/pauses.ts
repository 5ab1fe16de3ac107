import type { OrderId } from '../contract/ids.ts'
import type { Clock } from '../runtime/clock.ts'
import { backoff, type Random } from '../runtime/random.ts'

/** Leaves alone, for a growing and jittered while, what failed: each order by itself. */
export type Pauses = {
  failed(orderId: OrderId): void
  ended(orderId: OrderId): void
  isPaused(orderId: OrderId): boolean
}

const pace = { base: 5_000, cap: 60_000 }

/** Of the last `limit` orders that failed; what is forgotten is tried at once. */
export const pausesOf = ({ clock, random }: { clock: Clock; random: Random }, limit: number): Pauses => {
  const failures = new Map<OrderId, { readonly count: number; readonly until: number }>()
  return {
    failed: orderId => {
      const count = failures.get(orderId)?.count ?? 0
      failures.delete(orderId)
      failures.set(orderId, { count: count + 1, until: clock.monotonic() + backoff(random, count, pace) })
      const [oldest] = failures.keys()
      if (failures.size > limit && oldest !== undefined) failures.delete(oldest)
    },
    ended: orderId => void failures.delete(orderId),
    isPaused: orderId => (failures.get(orderId)?.until ?? Number.NEGATIVE_INFINITY) > clock.monotonic(),
  }
}
