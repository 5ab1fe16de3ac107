/** Time as a port, so that a simulation can own it. All instants are milliseconds since the Unix epoch. */
export type Clock = {
  now(): number
  /** Calls `task` once after `ms`, unless the returned function is called first. */
  after(ms: number, task: () => void): () => void
}

/** The real clock. Its timers keep the process alive, so whoever starts one cancels it on drain. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, task) => {
    const timer = setTimeout(task, ms)
    return () => clearTimeout(timer)
  },
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

const lateToken = Symbol('late')

/**
 * What came of waiting: the value, or `late` when `ms` passed first. Rejects as the work does. What comes of late work is news to
 * nobody, unless its owner listens too: its rejection is no unhandled one.
 */
export const within = async <T>(
  clock: Clock,
  ms: number,
  work: Promise<T>,
): Promise<{ value: T } | 'late'> => {
  let cancel = () => {}
  const late = new Promise<typeof lateToken>(resolve => {
    cancel = clock.after(ms, () => resolve(lateToken))
  })
  const first = await Promise.race([work, late]).finally(() => cancel())
  return first === lateToken ? 'late' : { value: first as T }
}
