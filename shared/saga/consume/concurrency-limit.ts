/**
 * Counts the events that are worked on, also those whose call outside goes on without its message, and keeps
 * them below a limit.
 */
export type ConcurrencyLimit = {
  readonly events: number
  /**
   * Resolves when there is room for so many more, in the order of asking. More than the limit at once get in
   * when nothing else is in work.
   */
  enter(events: number): Promise<void>
  /** Counts one more that is in work already. */
  add(): void
  leave(events: number): void
  /** True when one more may enter. */
  hasRoom(): boolean
}

type Waiting = { readonly events: number; readonly enter: () => void }

export const concurrencyLimit = (limit: number): ConcurrencyLimit => {
  const waiting: Waiting[] = []
  let count = 0
  const fits = (events: number) => count === 0 || count + events <= limit
  const admit = () => {
    for (let first = waiting[0]; first && fits(first.events); first = waiting[0]) {
      waiting.shift()
      count += first.events
      first.enter()
    }
  }
  return {
    get events() {
      return count
    },
    enter: events => {
      if (waiting.length > 0 || !fits(events))
        return new Promise(resolve => void waiting.push({ events, enter: resolve }))
      count += events
      return Promise.resolve()
    },
    add: () => {
      count += 1
    },
    leave: events => {
      count -= events
      admit()
    },
    hasRoom: () => waiting.length === 0 && fits(1),
  }
}
