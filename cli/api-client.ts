import type { z } from 'zod'
import { SagaError, whyNoAnswer } from '../shared/runtime/errors.ts'
import { inTime } from '../shared/runtime/in-time.ts'
import type { ApiAddress } from './addresses.ts'
import { exits, Failure, unexpected } from './failure.ts'
import { fetchAsAsked } from './fetch-as-asked.ts'

/** A request to the public API; a GET unless it says otherwise. */
export type ApiClientRequest = {
  readonly method?: 'GET' | 'POST'
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** The public API as a command uses it. */
export type ApiClient = {
  /**
   * What a 2xx answer says, by `schema`.
   * @throws Failure with the code and help of the problem document that refuses it; SagaError `no-answer`,
   * `answer-unexpected`
   */
  call<T>(path: string, schema: z.ZodType<T>, request?: ApiClientRequest): Promise<T>
  /** A stream of server-sent events, or `over` when there will be none. Throws as `call`. */
  open(path: string, headers: Readonly<Record<string, string>>): Promise<ReadableStream<Uint8Array> | 'over'>
}

const patienceMs = 15_000

/** The API at this place. Aborting `signal` ends every call. */
export const apiClientAt = ({ url, key }: ApiAddress, signal: AbortSignal): ApiClient => {
  const send = (path: string, { method = 'GET', body, headers = {} }: ApiClientRequest, until: AbortSignal) =>
    fetchAsAsked(url + path, {
      ...{ method, signal: until, redirect: 'error' as const },
      headers: {
        ...headers,
        ...(key && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && json),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
  const silent = (path: string) => (cause: unknown) => {
    throw new SagaError('no-answer', `${url}${path.replace(/\?.*/, '')} (${whyNoAnswer(cause)})`, { cause })
  }
  return {
    call: async (path, schema, request = {}) => {
      const ask = async (until: AbortSignal) => {
        const response = await send(path, request, until)
        return { response, text: await response.text() }
      }
      const { response, text } = await inTime(patienceMs, ask, signal).catch(silent(path))
      if (response.ok) return contentOf(path, parsed(text), schema)
      throw refusalOf(response.status, parsed(text))
    },
    open: async (path, headers) => {
      const request = { headers: { ...headers, accept: 'text/event-stream' } }
      // The stream itself may take as long as it likes, so only the wait for its beginning is bounded.
      const ask = () => send(path, request, signal)
      const response = await inTime(patienceMs, ask, signal).catch(silent(path))
      if (response.status === 204) return 'over'
      if (response.ok && response.body) return response.body
      throw refusalOf(response.status, parsed(await response.text()))
    },
  }
}

const json = { 'content-type': 'application/json' }

const contentOf = <T>(path: string, content: unknown, schema: z.ZodType<T>): T => {
  const result = schema.safeParse(content)
  if (result.success) return result.data
  throw unexpected(`the API answered ${path} with something else`, result.error)
}

/** What a text says as JSON; undefined when it is none. */
export const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type Problem = {
  code?: string
  detail?: string
  help?: string
  errors?: { field: string; expected: string }[]
}

const refusalOf = (status: number, content: unknown): Failure | SagaError => {
  const { code, detail, help, errors = [] } = (content ?? {}) as Problem
  if (typeof code !== 'string')
    return new SagaError('answer-unexpected', `the API answered ${status}`, { retry: 'never' })
  const fields = errors.map(({ field, expected }) => `${field}: expected ${expected}`).join('; ')
  const why = [detail?.replace(/\.$/, ''), fields].filter(Boolean).join(' - ')
  return new Failure(code, `${why}.`, {
    ...(help && { help }),
    exit: status === 503 || status === 429 ? exits.unreachable : exits.refused,
  })
}
