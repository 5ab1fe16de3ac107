/** Time as a port, so that a simulation can own it. */
export type Clock = {
  /**
   * The instant (ms since the Unix epoch) as the machine has it: for what is published and stored. It may be
   * set back and forward at any moment.
   */
  now(): number
  /**
   * Milliseconds since some instant of this process, which only ever goes on, at the pace of `after`: for how
   * long something takes.
   */
  monotonic(): number
  /** Calls `task` once after `ms`, unless the returned function is called first. */
  after(ms: number, task: () => void): () => void
  /**
   * Calls `task` in a later turn of the event loop, when what lay in the sockets at this moment has been read
   * and handed over.
   */
  defer(task: () => void): void
}

/** The real clock. Its timers keep the process alive, so whoever starts one cancels it on drain. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, task) => {
    const timer = setTimeout(task, ms)
    return () => clearTimeout(timer)
  },
  // Sockets are read in the poll phase, and this task runs in the check phase behind it.
  defer: task => void setImmediate(task),
}

/** Resolves after `ms`, or as soon as `signal` is aborted; it never rejects. */
export const sleep = (clock: Clock, ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal?.aborted) return resolve()
    const done = () => {
      cancel()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const cancel = clock.after(ms, done)
    signal?.addEventListener('abort', done)
  })

/**
 * Calls `late` when `ms` have passed in which what is waited for could have come, unless the returned
 * function is called first. Time in which this process itself was busy does not count: what a timer was late
 * by is granted again, once and up to `ms`, and what has arrived meanwhile goes first, because Node runs
 * timers before it reads sockets.
 */
export const whenLate = (clock: Clock, ms: number, late: () => void): (() => void) => {
  const due = clock.monotonic() + ms
  let waiting = true
  const judge = () => clock.defer(() => waiting && late())
  let cancel = clock.after(ms, () => {
    const overslept = Math.min(clock.monotonic() - due, ms)
    if (overslept > 0) cancel = clock.after(overslept, judge)
    else judge()
  })
  return () => {
    waiting = false
    cancel()
  }
}

/**
 * What came of waiting: the value, or `late` when `ms` passed first (as `whenLate` counts them). Rejects as
 * the work does. What comes of late work is news to nobody, unless its owner listens too: its rejection is no
 * unhandled one.
 */
export const within = <T>(clock: Clock, ms: number, work: Promise<T>): Promise<{ value: T } | 'late'> =>
  new Promise((resolve, reject) => {
    const cancel = whenLate(clock, ms, () => resolve('late'))
    work.then(
      value => {
        cancel()
        resolve({ value })
      },
      error => {
        cancel()
        reject(error)
      },
    )
  })
