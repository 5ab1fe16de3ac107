import { sleep, systemClock } from '../../shared/runtime/time/clock.ts'
import type { Caller } from './http.ts'

const ends = new Set(['confirmed', 'rejected', 'cancelled'])
const pollMs = 20

type Shown = { status?: string; awaiting?: readonly string[] }

const shown = async ({ call }: Caller, orderId: string): Promise<Shown> => {
  const { status, body } = await call('GET', `/orders/${orderId}`)
  return status === 200 ? (JSON.parse(body) as Shown) : {}
}

const hasEnded = ({ status = '' }: Shown) => ends.has(status)
const isSettled = (order: Shown) => hasEnded(order) && order.awaiting?.length === 0

/** How an order is asked for that was due at `since`, up to `until` (both performance.now). */
export type Watch = {
  readonly since: number
  readonly until: number
  /** The pause is `leastMs`, and grows to this share of the time that has passed. */
  readonly leastMs: number
  readonly share: number
}

/**
 * Resolves once the order is shown as ended; false when it is not in time. Asking is work for the system: an
 * order that is slow is asked for less and less often, so its time is seen too long by `share` at most.
 */
export const untilEnded = async (caller: Caller, orderId: string, watch: Watch): Promise<boolean> => {
  for (;;) {
    if (hasEnded(await shown(caller, orderId))) return true
    const now = performance.now()
    if (now > watch.until) return false
    await sleep(systemClock, Math.max(watch.leastMs, watch.share * (now - watch.since)))
  }
}

const nonePlaced = async ({ call }: Caller): Promise<boolean> => {
  const { status, body } = await call('GET', '/orders?status=placed&limit=1')
  return status === 200 && (JSON.parse(body) as { orders: unknown[] }).orders.length === 0
}

/**
 * Resolves once nothing is open any more: the last of the accepted orders are settled, and the list of open
 * ones is empty. Looking costs the system next to nothing. False when it is not so by `until`
 * (performance.now).
 */
export const untilAllEnded = async (
  caller: Caller,
  last: readonly string[],
  until: number,
): Promise<boolean> => {
  const goesOn = async (ready: () => Promise<boolean>) => {
    while (!(await ready())) {
      if (performance.now() > until) return false
      await sleep(systemClock, pollMs)
    }
    return true
  }
  for (const orderId of last.toReversed())
    if (!(await goesOn(async () => isSettled(await shown(caller, orderId))))) return false
  return goesOn(() => nonePlaced(caller))
}
