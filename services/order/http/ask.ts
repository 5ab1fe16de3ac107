import type { Clock } from '../../../shared/runtime/clock.ts'

/** With what somebody is asked: an answer has to be read within `timeoutMs`. */
export type Asking = {
  readonly clock: Clock
  readonly timeoutMs: number
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * What `read` makes of the answer of another service's private port. Never fails: when there is none in time, or `read` cannot make anything of it,
 * it is `unavailable`.
 */
export const askedOf = async <T>(
  url: string,
  { clock, timeoutMs, headers = {} }: Asking,
  read: (response: Response) => Promise<T>,
): Promise<T | 'unavailable'> => {
  const late = new AbortController()
  const cancel = clock.after(timeoutMs, () => late.abort())
  try {
    return await read(await fetch(url, { headers, signal: late.signal, redirect: 'error' }))
  } catch {
    return 'unavailable'
  } finally {
    cancel()
  }
}

/** A base URL without slashes at its end. */
export const baseOf = (url: string): string => url.replace(/\/+$/, '')
