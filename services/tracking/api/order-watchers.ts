import { type Clock, sleep } from '../../../shared/runtime/time/clock.ts'

/** Somebody who waits for something new about one order. */
export type OrderWatch = {
  /**
   * Resolves with `orderWatchers` when there was some since the last call, or `quiet` when there was none for
   * `ms`, or `signal` was aborted.
   */
  next(ms: number, signal: AbortSignal): Promise<'news' | 'quiet'>
  end(): void
}

/** Who waits for which order, in this process. */
export type OrderWatchers = { notify(orderIds: readonly string[]): void; watch(orderId: string): OrderWatch }

export const orderWatchers = (clock: Clock): OrderWatchers => {
  const watchers = new Map<string, Set<() => void>>()
  const watch = (orderId: string): OrderWatch => {
    let fresh = false
    let wake = () => {}
    const hear = () => {
      fresh = true
      wake()
    }
    const all = watchers.get(orderId) ?? new Set()
    watchers.set(orderId, all.add(hear))
    const next = async (ms: number, signal: AbortSignal) => {
      const woken = new AbortController()
      wake = () => woken.abort()
      if (signal.aborted) return 'quiet'
      signal.addEventListener('abort', wake)
      if (!fresh) await sleep(clock, ms, woken.signal)
      signal.removeEventListener('abort', wake)
      const heard = fresh
      fresh = false
      return heard ? 'news' : 'quiet'
    }
    const end = () => {
      all.delete(hear)
      if (all.size === 0) watchers.delete(orderId)
    }
    return { next, end }
  }
  return {
    notify: orderIds => {
      for (const orderId of orderIds) for (const hear of watchers.get(orderId) ?? []) hear()
    },
    watch,
  }
}
