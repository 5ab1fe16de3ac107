import { backoff, type Random } from '../../runtime/random.ts'
import type { Clock } from '../../runtime/time/clock.ts'

/** What lived this long was healthy, so the next loss starts with the shortest delay again. */
const healthyMs = 5_000

/**
 * Opens something now, and again with jittered back-off (milliseconds) after each failed opening and each
 * loss, until `stop`. `open` gets a function that reports the loss of what it opens; only the first report of
 * an opening counts.
 */
export const keepReconnecting = (options: {
  clock: Clock
  random: Random
  delays: { base: number; cap: number }
  open: (lost: () => void) => Promise<void>
}): { stop(): void } => {
  const { clock, random, delays, open } = options
  let stopped = false
  let attempt = 0
  let cancel = () => {}
  const start = () => {
    let openedAt: number | undefined
    let over = false
    const again = () => {
      if (over || stopped) return
      over = true
      if (openedAt !== undefined && clock.monotonic() - openedAt >= healthyMs) attempt = 0
      cancel = clock.after(backoff(random, attempt++, delays), start)
    }
    open(again).then(() => {
      openedAt = clock.monotonic()
    }, again)
  }
  const stop = () => {
    stopped = true
    cancel()
  }
  start()
  return { stop }
}
