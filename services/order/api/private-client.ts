import type { z } from 'zod'
import { httpAddressOf } from '../../../shared/runtime/configuration/server-urls.ts'
import { fetchDirectly } from '../../../shared/runtime/http/direct-fetch.ts'
import type { Clock } from '../../../shared/runtime/time/clock.ts'

/** With what a private port is asked: an answer has to be read within `timeoutMs`. */
export type PrivateClientOptions = { readonly clock: Clock; readonly timeoutMs: number }

/**
 * Asks the private port of another service. No call fails: when there is no answer in time, or nothing can be
 * made of it, it is `unavailable`, and nobody knows whether it was done. Every call must be safe to repeat.
 */
export type PrivateClient = {
  /** What `read` makes of the answer. */
  get<T>(
    path: string,
    read: (response: Response) => Promise<T>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<T | 'unavailable'>
  /** Posts JSON, and answers what the service said with 200, checked by `schema`. */
  post<T>(path: string, body: object, schema: z.ZodType<T>): Promise<T | 'unavailable'>
}

/** The private port at `url`, which is not contacted before the first call. Paths begin with a slash. */
export const privateClient = (url: string, { clock, timeoutMs }: PrivateClientOptions): PrivateClient => {
  const { base, headers: credentials } = httpAddressOf(url, 'the URL of a private port')
  const ask = async <T>(
    path: string,
    init: Asking,
    read: (response: Response) => Promise<T>,
  ): Promise<T | 'unavailable'> => {
    const late = new AbortController()
    const cancel = clock.after(timeoutMs, () => late.abort())
    try {
      const headers = { ...init.headers, ...credentials }
      const told = { ...init, headers, signal: late.signal, redirect: 'error' as const }
      return await read(await fetchDirectly(base + path, told))
    } catch {
      return 'unavailable'
    } finally {
      cancel()
    }
  }
  return {
    get: (path, read, headers = {}) => ask(path, { headers }, read),
    post: (path, body, schema) =>
      ask(path, posting(body), async response => {
        if (response.status === 200) return schema.parse(await response.json())
        await response.body?.cancel()
        return 'unavailable'
      }),
  }
}

type Asking = { method?: 'POST'; headers: Readonly<Record<string, string>>; body?: string }

const posting = (body: object): Asking => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})
