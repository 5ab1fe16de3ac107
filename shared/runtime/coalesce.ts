import type { Clock } from './time/clock.ts'

/** How calls share round trips: at most `limit` items in one, at most `inFlight` under way at once. */
export type BatchLimits = { readonly limit: number; readonly inFlight: number }

/** Calls the task in a later turn of the event loop. */
export type Defer = (task: () => void) => void

/**
 * For calls that nobody waits for: what is asked for within `ms` goes together, so that a quiet time costs
 * few round trips too.
 */
export const gathering =
  (clock: Clock, ms: number): Defer =>
  task =>
    void clock.after(ms, task)

type Waiting<Item, Result> = {
  readonly item: Item
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * A function of one item whose calls share executions of `run`, a function of many: what is asked for in one
 * turn of the event loop goes together, and so does everything that comes while `inFlight` executions are
 * under way. No call joins an execution that has begun, so each sees all that had happened when it was made.
 * `run` answers in the order of its items; when it fails, all of them fail.
 */
export const coalesced = <Item, Result>(
  { limit, inFlight }: BatchLimits,
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
  defer: Defer = setImmediate,
): ((item: Item) => Promise<Result>) => {
  const waiting: Waiting<Item, Result>[] = []
  let running = 0
  let scheduled = false

  // setImmediate and not a microtask: one packet from a server settles many promises in one macrotask, and
  // callers are some microtasks apart. It costs no time when the process is idle, because nothing stands
  // between the poll and the check phase.
  const schedule = () => {
    if (scheduled || waiting.length === 0 || running >= inFlight) return
    scheduled = true
    defer(start)
  }
  const start = () => {
    scheduled = false
    while (waiting.length > 0 && running < inFlight) void execute(waiting.splice(0, limit))
  }
  const execute = async (calls: readonly Waiting<Item, Result>[]) => {
    running += 1
    const settle = await answers(run, calls)
    running -= 1
    for (const [i, call] of calls.entries()) settle(call, i)
    schedule()
  }
  return item =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      schedule()
    })
}

const answers = async <Item, Result>(
  run: (items: readonly Item[]) => Promise<readonly Result[]>,
  calls: readonly Waiting<Item, Result>[],
): Promise<(call: Waiting<Item, Result>, index: number) => void> => {
  try {
    const results = await run(calls.map(({ item }) => item))
    if (results.length !== calls.length)
      throw new Error(`${calls.length} calls got ${results.length} answers`)
    return (call, index) => call.resolve(results[index] as Result)
  } catch (error) {
    return call => call.reject(error)
  }
}
