import type http from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { hasCode } from '../../shared/runtime/errors.ts'
import { errorFields } from '../../shared/runtime/telemetry/failure-log.ts'
import type { Log } from '../../shared/runtime/telemetry/log.ts'
import { entryOf, type LedgerEntry } from './ledger.ts'

/** What the HTTP shell needs of a simulator: what can be posted where, and its effects. */
export type Simulator = {
  readonly posts: Readonly<Record<string, (body: unknown) => Promise<object>>>
  entries(): readonly LedgerEntry[]
}

const largestBody = 64 * 1024
const linesPerChunk = 500

/**
 * Answers requests from a simulator; while there is none yet, with 503. A call without an answer keeps its
 * connection open.
 */
export const requestHandler = (simulator: () => Simulator | undefined, log: Log): http.RequestListener => {
  const route = async (request: http.IncomingMessage, response: http.ServerResponse) => {
    const { posts, entries } = simulator() ?? refuse(503, 'the ledger is being read')
    const path = pathOf(request.url ?? '/')
    const post = posts[path]
    if (post && request.method === 'POST') return sendJson(response, 200, await post(await bodyOf(request)))
    switch (`${request.method} ${path}`) {
      case 'GET /readyz':
      case 'GET /readyz/http':
        return sendJson(response, 200, { ready: true })
      case 'GET /ledger':
        return sendLedger(response, entries())
    }
    return post ? refuse(405, 'only POST is answered here') : refuse(404, 'no such resource')
  }
  return (request, response) => {
    route(request, response).catch(error => {
      const { status, title } = problemOf(error)
      if (status === 500) log.error('request failed', errorFields(error))
      if (status === 400 || status === 409) log.warn('call refused', { status, error: title })
      if (response.headersSent) response.destroy()
      else sendJson(response, status, { type: 'about:blank', status, title }, 'application/problem+json')
    })
  }
}

const pathOf = (url: string): string => {
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}

class Refusal extends Error {
  readonly status: number
  constructor(status: number, title: string) {
    super(title)
    this.status = status
  }
}

const refuse = (status: number, title: string): never => {
  throw new Refusal(status, title)
}

/** What may be shown of an error: never a value that came in, only the names of fields. */
const problemOf = (error: unknown): { status: number; title: string } => {
  if (error instanceof Refusal) return { status: error.status, title: error.message }
  if (error instanceof z.ZodError) {
    const fields = error.issues.map(({ path }) => path.join('.') || 'body')
    return { status: 400, title: `missing, unknown or wrong: ${fields.join(', ')}` }
  }
  if (hasCode(error, 'provider-unavailable'))
    return { status: 503, title: 'not now: try again with the same key' }
  if (hasCode(error, 'provider-protocol'))
    return { status: 409, title: 'the call contradicts an earlier one' }
  return { status: 500, title: 'internal error' }
}

const bodyOf = async (request: http.IncomingMessage): Promise<unknown> => {
  const text = await textOf(request)
  if (text === undefined) return refuse(413, `a body has at most ${largestBody} bytes`)
  try {
    return JSON.parse(text)
  } catch {
    return refuse(400, 'the body is no JSON')
  }
}

/**
 * Undefined when it is too long. It is read to its end even so: a request that is cut off could not be
 * answered.
 */
const textOf = (request: http.IncomingMessage) =>
  new Promise<string | undefined>((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= largestBody) chunks.push(chunk)
    })
    request.once('end', () => resolve(size <= largestBody ? wholeOf(chunks).toString() : undefined))
    request.once('error', reject)
  })

// A short body comes in one piece.
const wholeOf = (chunks: Buffer[]): Buffer =>
  chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)

const sendJson = (
  response: http.ServerResponse,
  status: number,
  content: object,
  type = 'application/json',
) => {
  const text = JSON.stringify(content)
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

const sendLedger = async (response: http.ServerResponse, entries: readonly LedgerEntry[]) => {
  response.writeHead(200, { 'content-type': 'application/jsonl' })
  await pipeline(Readable.from(jsonLines(entries, entries.length)), response)
}

function* jsonLines(entries: readonly LedgerEntry[], count: number) {
  for (let from = 0; from < count; from += linesPerChunk) {
    const some = entries.slice(from, Math.min(count, from + linesPerChunk))
    yield some.map(entry => `${JSON.stringify(entryOf(entry))}\n`).join('')
  }
}
