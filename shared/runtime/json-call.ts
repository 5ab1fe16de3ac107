import http from 'node:http'
import https from 'node:https'
import type { z } from 'zod'
import { answerWithin, type Deadline } from './deadline.ts'
import { codeOf, SagaError } from './errors.ts'

/** `url` is the base of all paths. `sockets` bounds the calls that are open at once; further ones wait, within their time. */
export type JsonServiceOptions = Deadline & { url: string; sockets?: number }

/** A service that is asked by JSON over HTTP, on kept-alive connections. Every call must be safe to repeat. */
export type JsonService = {
  /**
   * Posts `body` and answers what the service said with 200, checked by `schema`.
   * @throws SagaError `provider-unavailable` while the outcome is unknown (no connection, no answer in time, 408, 425, 429, 5xx);
   * `provider-protocol` when the answer is none of the contract; `draining` when `close` came first. None of them quotes a body.
   */
  post<T>(path: string, body: object, schema: z.ZodType<T>): Promise<T>
  /** Ends all connections. Calls that are still open, and later ones, fail with `draining`. */
  close(): void
}

/** The service at `url`, which is not contacted before the first call. */
export const jsonService = (options: JsonServiceOptions): JsonService => {
  const { who, url, sockets = 256 } = options
  const base = new URL(url.endsWith('/') ? url : `${url}/`)
  const line = openLine(base.protocol === 'https:' ? https : http, sockets)
  const failure = (cause: unknown) => {
    if (line.isClosed()) return new SagaError('draining', `${who} is not called any more`)
    if (cause instanceof SagaError) return cause
    return new SagaError('provider-unavailable', `${who} gave no answer: ${codeOf(cause)}`, { cause })
  }
  return {
    post: async (path, body, schema) => {
      const call: Call = { target: targetOf(base, path), body: JSON.stringify(body) }
      const reply = await answerWithin(options, signal => exchange(line, call, signal)).catch(cause => {
        throw failure(cause)
      })
      return contentOf(who, reply, schema)
    },
    close: line.close,
  }
}

type Target = Pick<http.RequestOptions, 'hostname' | 'port' | 'path'>
type Call = { target: Target; body: string }
type Reply = { status: number; text: string }
type Line = ReturnType<typeof openLine>

/** Far above any answer of a provider; what is longer is none, and is not read further. */
const largestReply = 64 * 1024

const targetOf = (base: URL, path: string): Target => ({
  hostname: base.hostname.replace(/^\[|\]$/g, ''),
  port: base.port,
  path: `${base.pathname}${path}`,
})

const openLine = (protocol: typeof http | typeof https, sockets: number) => {
  const agent = new protocol.Agent({ keepAlive: true, maxSockets: sockets })
  const open = new Set<http.ClientRequest>()
  let closed = false
  return {
    request: (options: http.RequestOptions): http.ClientRequest => {
      if (closed) throw new Error('closed')
      const request = protocol.request({ ...options, agent })
      open.add(request)
      request.once('close', () => open.delete(request))
      return request
    },
    close: () => {
      closed = true
      for (const request of open) request.destroy()
      agent.destroy()
    },
    isClosed: () => closed,
  }
}

const exchange = async (line: Line, call: Call, signal: AbortSignal): Promise<Reply> => {
  const first = send(line, call, signal)
  return first.reply.catch(error => {
    // The other side may end a kept-alive connection just as it is used again: that is worth a second try at once.
    const stale = first.request.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(codeOf(error))
    if (!stale || signal.aborted) throw error
    return send(line, call, signal).reply
  })
}

// Plain events and options: a signal option, a URL and async iteration together cost more than the rest of the call.
const send = (line: Line, { target, body }: Call, signal: AbortSignal) => {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  const request = line.request({ ...target, method: 'POST', headers })
  const giveUp = () => request.destroy()
  signal.addEventListener('abort', giveUp)
  const reply = new Promise<Reply>((resolve, reject) => {
    request.once('error', reject)
    request.once('response', response => readReply(response, resolve, reject))
  })
  request.end(body)
  return { request, reply }
}

const readReply = (
  response: http.IncomingMessage,
  resolve: (reply: Reply) => void,
  reject: (why: unknown) => void,
) => {
  const status = response.statusCode ?? 0
  let text = ''
  response.setEncoding('utf8')
  response.on('data', (some: string) => {
    text += some
    if (text.length <= largestReply) return
    resolve({ status, text: '' })
    response.destroy()
  })
  response.once('end', () => resolve({ status, text }))
  response.once('error', reject)
}

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
  // These judge the call itself, so the same call can never succeed; any other one may be a wrong address or key.
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
