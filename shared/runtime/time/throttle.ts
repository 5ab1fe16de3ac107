import type { Clock } from './clock.ts'

/** Something that is notified of every change and reports it at most once per while. */
export type Throttle<T> = { set(state: T): void; stop(): void }

/**
 * Says a change of state at once, then nothing for `ms`, and then what it has come to, if that is something
 * else. Nothing is said of what came back to the same within that time.
 */
export const throttled = <T>(clock: Clock, ms: number, first: T, say: (state: T) => void): Throttle<T> => {
  let now = first
  let said = first
  let cancel: (() => void) | undefined
  const speak = () => {
    cancel = undefined
    if (now === said) return
    said = now
    cancel = clock.after(ms, speak)
    say(now)
  }
  return {
    set: state => {
      now = state
      if (!cancel) speak()
    },
    stop: () => cancel?.(),
  }
}
