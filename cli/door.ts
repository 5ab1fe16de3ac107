import { codeOf, SagaError } from '../shared/runtime/errors.ts'
import { exits, Failure } from './failure.ts'
import type { DoorPlace } from './find.ts'

/** A request to the public door; `within` is the patience in milliseconds. */
export type DoorRequest = {
  readonly method?: 'GET' | 'POST'
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** The public door as a command uses it. */
export type Door = {
  /**
   * What a 2xx answer says.
   * @throws Failure with the code and help of the problem document that refuses it; SagaError `no-answer`, `answer-unexpected`
   */
  call(path: string, request?: DoorRequest): Promise<unknown>
  /** A stream of server-sent events, or `over` when there will be none. Throws as `call`. */
  open(path: string, headers: Readonly<Record<string, string>>): Promise<ReadableStream<Uint8Array> | 'over'>
}

const patienceMs = 15_000

/** The door at this place. Aborting `signal` ends every call. */
export const doorAt = ({ url, key }: DoorPlace, signal: AbortSignal): Door => {
  const send = async (
    path: string,
    { method = 'GET', body, headers = {} }: DoorRequest,
    until: AbortSignal,
  ) => {
    const init = {
      ...{ method, signal: until, redirect: 'error' as const },
      headers: {
        ...headers,
        ...(key && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && json),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }
    return fetch(url + path, init).catch(cause => {
      throw new SagaError('no-answer', `${url}${path.replace(/\?.*/, '')} (${whyNot(cause)})`, { cause })
    })
  }
  return {
    call: async (path, request = {}) => {
      const response = await send(path, request, AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]))
      const content = parsed(await response.text())
      if (response.ok) return content
      throw refusalOf(response.status, content)
    },
    open: async (path, headers) => {
      const response = await send(path, { headers: { ...headers, accept: 'text/event-stream' } }, signal)
      if (response.status === 204) return 'over'
      if (response.ok && response.body) return response.body
      throw refusalOf(response.status, parsed(await response.text()))
    },
  }
}

const json = { 'content-type': 'application/json' }

const whyNot = (error: unknown): string => {
  if (!(error instanceof Error)) return codeOf(error)
  return error.name === 'TimeoutError' ? 'no answer in time' : codeOf(error.cause ?? error)
}

const parsed = (text: string): unknown => {
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
    return new SagaError('answer-unexpected', `the door answered ${status}`, { retry: 'never' })
  const fields = errors.map(({ field, expected }) => `${field}: expected ${expected}`).join('; ')
  const why = [detail?.replace(/\.$/, ''), fields].filter(Boolean).join(' - ')
  return new Failure(code, `${why}.`, {
    ...(help && { help }),
    exit: status === 503 || status === 429 ? exits.unreachable : exits.refused,
  })
}
