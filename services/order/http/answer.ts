import type { ServerResponse } from 'node:http'
import { problemType } from '../../../shared/runtime/problem.ts'
import { problemOf, type RefusalCode, type RefusalDetails, refusals } from './refusals.ts'

type Headers = Readonly<Record<string, string>>

/** What a route answers: a document, or a refusal out of the table. */
export type Answer = { readonly status: number; readonly body: unknown; readonly headers?: Headers } | Refusal

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

/** Sends the answer, unless the client has gone or was answered already. */
export const send = (response: ServerResponse, answer: Answer, requestId: string): void => {
  if (response.headersSent || response.destroyed) return
  const refused = 'refused' in answer
  const text = JSON.stringify(refused ? problemOf(answer.refused, requestId, answer) : answer.body)
  response.writeHead(statusOf(answer), {
    'content-type': refused ? problemType : 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
    ...answer.headers,
  })
  response.end(text)
}
