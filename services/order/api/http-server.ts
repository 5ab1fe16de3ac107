import {
  createServer,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import type { Duplex } from 'node:stream'
import { codeOf } from '../../../shared/runtime/errors.ts'
import { problemType } from '../../../shared/runtime/http/problem.ts'
import type { Random } from '../../../shared/runtime/random.ts'
import { problemOf, type RefusalCode, refusals } from './refusals.ts'

/** How long a client may take to send its headers, and the whole request (ms). */
export type ClientTimeouts = { readonly headersMs: number; readonly requestMs: number }

/** What the server is made with; `refused` is notified of what it refuses itself. */
export type HttpServerOptions = {
  readonly random: Random
  readonly refused: (code: RefusalCode) => void
  readonly patience: ClientTimeouts
  /** Of which classes it makes requests and responses. */
  readonly messages: Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'>
}

/** An HTTP server that answers what it cannot parse or wait for with a problem document too. */
export const httpServer = (
  listener: RequestListener,
  { random, refused, messages, patience: { headersMs, requestMs } }: HttpServerOptions,
): Server => {
  const current = new WeakMap<Duplex, ServerResponse>()
  const answering: RequestListener = (request, response) => {
    current.set(request.socket, response)
    listener(request, response)
  }
  const server = createServer({
    ...messages,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(1_000, headersMs),
    maxHeaderSize: 16 * 1024,
    // Refused at the gate instead: Node's own refusal has no body.
    requireHostHeader: false,
    // Longer than the 60 s of usual proxies: who closes first must be the one that sends the requests, or one
    // of them is lost.
    keepAliveTimeout: 65_000,
  })
  const refuseRaw = (socket: Duplex, code: RefusalCode) => {
    refused(code)
    socket.end(rawAnswer(code, random.id()), () => socket.destroy())
  }
  server.on('request', answering)
  server.on('checkContinue', answering)
  server.on('checkExpectation', answering)
  server.on('connect', (_, socket) => refuseRaw(socket, 'request-malformed'))
  server.on('clientError', (error, socket) => {
    const response = current.get(socket)
    const started = response?.headersSent && !response.writableFinished
    if (codeOf(error) === 'ECONNRESET' || !socket.writable || started) socket.destroy()
    else refuseRaw(socket, codeFor(error))
  })
  return server
}

const codeFor = (error: Error): RefusalCode => {
  switch (codeOf(error)) {
    case 'HPE_HEADER_OVERFLOW':
      return 'headers-too-large'
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'request-slow'
    default:
      return 'request-malformed'
  }
}

const rawAnswer = (code: RefusalCode, requestId: string): string => {
  const body = JSON.stringify(problemOf(code, requestId, {}))
  const [status, title] = refusals[code]
  return [
    `HTTP/1.1 ${status} ${title}`,
    `content-type: ${problemType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n')
}
