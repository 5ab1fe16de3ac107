import { type Bench, measured } from './measured.ts'
import type { Run } from './run.ts'

const timesCapacity = 3

/**
 * Offers three times what the system can take (`capacity`, orders/s), open loop. Goodput is what has ended a
 * second from the first submission to the last end; the accepted ones' way to the end is in `toEndMs`.
 */
export const overload = async (
  bench: Bench,
  { capacity, seconds, settleSeconds }: { capacity: number; seconds: number; settleSeconds: number },
): Promise<Run> => {
  const perSecond = Math.max(1, Math.round(capacity * timesCapacity))
  const offer = { workload: 'order' as const, loop: { perSecond }, seconds, settleSeconds, watchEvery: 10 }
  const { run } = await measured(bench, offer, { trial: 'overload' })
  const offered = run.orders + run.refused + run.failed
  return {
    ...run,
    extra: {
      capacity,
      offeredPerSecond: Math.round((offered / seconds) * 10) / 10,
      goodputOfCapacity: Math.round((run.ordersPerSecond / capacity) * 100) / 100,
    },
  }
}
