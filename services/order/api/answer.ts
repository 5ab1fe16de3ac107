import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { problemType } from '../../../shared/runtime/http/problem.ts'
import { problemOf, type RefusalCode, type RefusalDetails, refusals } from './refusals.ts'

type Headers = Readonly<Record<string, string>>

/** What a route answers: a document, events as they come, or a refusal out of the table. */
export type Answer = Document | Stream | Refusal

type Document = { readonly status: number; readonly body: unknown; readonly headers?: Headers }

/** Server-sent events; whoever answers with it has it destroyed when the client leaves. */
export type Stream = { readonly status: number; readonly stream: Readable }

/** A no, with the headers that belong to it. */
export type Refusal = RefusalDetails & { readonly refused: RefusalCode; readonly headers?: Headers }

/** A refusal by its code. */
export const refuse = (
  refused: RefusalCode,
  details: RefusalDetails & { headers?: Headers } = {},
): Refusal => ({
  refused,
  ...details,
})

/** The status code that the answer goes out with. */
export const statusOf = (answer: Answer): number =>
  'refused' in answer ? refusals[answer.refused][0] : answer.status

/** Which request is answered, and what is aborted when the API takes no new one. */
export type SendOptions = { readonly requestId: string; readonly closing: AbortSignal }

/** Sends the answer, unless the client has gone or was answered already. */
export const send = (response: ServerResponse, answer: Answer, sending: SendOptions): void => {
  if ('stream' in answer) sendStream(response, answer, sending)
  else if (!response.headersSent && !response.destroyed) sendDocument(response, answer, sending)
}

const sendDocument = (
  response: ServerResponse,
  answer: Document | Refusal,
  { requestId }: SendOptions,
): void => {
  const refused = 'refused' in answer
  const text = JSON.stringify(refused ? problemOf(answer.refused, requestId, answer) : answer.body) ?? ''
  response.writeHead(statusOf(answer), {
    'content-type': refused ? problemType : 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headersOf(requestId),
    ...answer.headers,
  })
  response.end(text)
}

const headersOf = (requestId: string): Headers => ({
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-request-id': requestId,
})

/**
 * Passes the events on as they come, until they end, the client leaves, or the API closes: then the answer
 * ends cleanly.
 */
const sendStream = (
  response: ServerResponse,
  { status, stream }: Stream,
  { requestId, closing }: SendOptions,
): void => {
  const stop = () => {
    stream.destroy()
    response.end()
  }
  response.once('close', () => {
    closing.removeEventListener('abort', stop)
    stream.destroy()
  })
  stream.once('error', () => response.destroy())
  const headers = { 'content-type': 'text/event-stream', connection: 'close', ...headersOf(requestId) }
  response.writeHead(status, headers).flushHeaders()
  const isOver = response.destroyed || closing.aborted || response.req.method === 'HEAD'
  closing.addEventListener('abort', stop, { once: true })
  if (isOver) stop()
  else stream.pipe(response)
}
