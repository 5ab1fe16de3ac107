import type { Caller } from './http.ts'

/** Calls each of several APIs in turn, whatever is called: an order is found behind any of them. */
export const inTurn = (callers: readonly [Caller, ...Caller[]]): Caller => {
  let next = 0
  return {
    call: (...request) => (callers[next++ % callers.length] ?? callers[0]).call(...request),
    close: () => {
      for (const caller of callers) caller.close()
    },
  }
}
