/** The place of one request among those under way. Leaving it more than once is leaving it once. */
export type Slot = { leave(): void }

/** Bounds the requests under way, over all and for each caller. */
export type Admission = {
  /** A place for a request of this caller, or which bound is reached. */
  enter(caller: string): Slot | 'full' | 'caller-full'
  /** Resolves when no request is under way. */
  idle(): Promise<void>
}

/** An admission with `total` places, of which one caller gets at most `perCaller`. */
export const admission = ({ total, perCaller }: { total: number; perCaller: number }): Admission => {
  let inFlight = 0
  const byCaller = new Map<string, number>()
  const waiting: (() => void)[] = []

  const enter = (caller: string) => {
    const mine = byCaller.get(caller) ?? 0
    if (inFlight >= total) return 'full'
    if (mine >= perCaller) return 'caller-full'
    inFlight++
    byCaller.set(caller, mine + 1)
    return { leave: once(() => free(caller)) }
  }
  const free = (caller: string) => {
    inFlight--
    const left = (byCaller.get(caller) ?? 1) - 1
    if (left > 0) byCaller.set(caller, left)
    else byCaller.delete(caller)
    if (inFlight === 0) for (const resolve of waiting.splice(0)) resolve()
  }
  const idle = () =>
    inFlight === 0 ? Promise.resolve() : new Promise<void>(resolve => void waiting.push(resolve))
  return { enter, idle }
}

/** The task, which is done at the first call only. */
export const once = (task: () => void): (() => void) => {
  let pending: (() => void) | undefined = task
  return () => {
    const run = pending
    pending = undefined
    run?.()
  }
}
