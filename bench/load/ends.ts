import { sleep, systemClock } from '../../shared/runtime/clock.ts'
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

/** Resolves once the order is shown as ended, asked for every `everyMs`; false when it is not by `until` (performance.now). */
export const untilEnded = async (
  caller: Caller,
  orderId: string,
  { everyMs, until }: { everyMs: number; until: () => number },
): Promise<boolean> => {
  for (;;) {
    if (hasEnded(await shown(caller, orderId))) return true
    if (performance.now() > until()) return false
    await sleep(systemClock, everyMs)
  }
}

const nonePlaced = async ({ call }: Caller): Promise<boolean> => {
  const { status, body } = await call('GET', '/orders?status=placed&limit=1')
  return status === 200 && (JSON.parse(body) as { orders: unknown[] }).orders.length === 0
}

/**
 * Resolves once nothing is open any more: the last of the accepted orders are settled, and the list of open ones is empty. Looking costs the
 * system next to nothing. False when it is not so by `until` (performance.now).
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
