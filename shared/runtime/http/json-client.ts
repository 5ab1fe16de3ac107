import type { z } from 'zod'
import { httpAddressOf } from '../configuration/server-urls.ts'
import { codeOf, SagaError } from '../errors.ts'
import type { Clock } from '../time/clock.ts'
import { openConnections } from './connection-pool.ts'
import type { Reply } from './exchange.ts'

/**
 * `url` is the base of all paths, with user and password if it takes any; `who` names the service in errors, and `timeoutMs` bounds an answer.
 * `sockets` (256) bounds the calls that are open at once, and `waiting` (10,000, about 2 KB each) those that
 * wait for one of them to end.
 */
export type JsonServiceOptions = {
  readonly who: string
  readonly url: string
  readonly timeoutMs: number
  readonly clock: Clock
  readonly sockets?: number
  readonly waiting?: number
}

/**
 * A service that is asked by JSON over HTTP, on kept-alive connections. Every call must be safe to repeat.
 */
export type JsonService = {
  /**
   * Posts `body` and answers what the service said with 200, checked by `schema`. While all connections are
   * taken the call waits, and nothing is held against the service: its time begins when the request goes out.
   * @throws SagaError `provider-unavailable` while the outcome is unknown (no connection, no answer in time,
   * 408, 425, 429, 5xx), and at once when too many calls wait; `provider-protocol` when the answer is none of
   * the contract; `draining` when `close` came first. None of them quotes a body.
   */
  post<T>(path: string, body: object, schema: z.ZodType<T>): Promise<T>
  /** Ends all connections. Calls that are still open, and later ones, fail with `draining`. */
  close(): void
}

/** The service at `url`, which is not contacted before the first call. */
export const jsonService = (options: JsonServiceOptions): JsonService => {
  const { who, url, sockets = 256, waiting = 10_000 } = options
  const { base, headers: credentials } = httpAddressOf(url, `the URL of ${who}`)
  const { origin, pathname } = new URL(`${base}/`)
  const headers = { ...credentials, 'content-type': 'application/json' }
  const connections = openConnections(origin, { ...options, headers, sockets, waiting })
  return {
    post: async (path, body, schema) => {
      const reply = await connections.post(pathname + path, JSON.stringify(body)).catch(error => {
        throw failure(who, error)
      })
      return contentOf(who, reply, schema)
    },
    close: connections.close,
  }
}

const failure = (who: string, error: unknown): SagaError =>
  error instanceof SagaError
    ? error
    : // Not with its cause: the error of a parser quotes what it could not read.
      new SagaError('provider-unavailable', `${who} gave no answer: ${codeOf(error)}`)

const contentOf = <T>(who: string, { status, text }: Reply, schema: z.ZodType<T>): T => {
  if (status !== 200) throw refusal(who, status)
  const content = schema.safeParse(jsonOf(text))
  if (content.success) return content.data
  const where = content.error.issues.map(issue => issue.path.join('.') || 'the whole').join(', ')
  throw new SagaError('provider-protocol', `${who} answered what its contract does not contain, in ${where}`)
}

const refusal = (who: string, status: number): SagaError => {
  if (status >= 500 || [408, 425, 429].includes(status)) {
    return new SagaError('provider-unavailable', `${who} answered ${status}`)
  }
  // These judge the call itself, so the same call can never succeed; any other one may be a wrong address or
  // key.
  const retry = [400, 409, 413, 422].includes(status) ? 'never' : 'later'
  return new SagaError('provider-protocol', `${who} answered ${status}`, { retry })
}

/** Undefined for what is no JSON: the error of the parser quotes the text. */
const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
