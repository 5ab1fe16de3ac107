import { systemClock } from './time/clock.ts'

/**
 * The work, which gets a signal and is given up when `ms` have passed or `outer` is aborted: then the signal
 * is aborted and this rejects with the reason (a `TimeoutError` for the time), also when the work never hears
 * of it. `AbortSignal.any` is not used for that: in Node 20 a signal of `AbortSignal.timeout` that is only in
 * there may be collected as garbage while somebody waits, and then it never fires.
 */
export const inTime = <T>(
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> =>
  new Promise((resolve, reject) => {
    const controller = new AbortController()
    const giveUp = (reason: unknown) => {
      controller.abort(reason)
      reject(reason)
    }
    const cancelled = () => giveUp(outer?.reason)
    if (outer?.aborted) return cancelled()
    const cancel = systemClock.after(ms, () => giveUp(new DOMException(`no end in ${ms} ms`, 'TimeoutError')))
    outer?.addEventListener('abort', cancelled)
    work(controller.signal)
      .then(resolve, reject)
      .finally(() => {
        cancel()
        outer?.removeEventListener('abort', cancelled)
      })
  })
