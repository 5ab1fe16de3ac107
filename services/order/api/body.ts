import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Refusal, refuse } from './answer.ts'

const mostBytes = 64 * 1024
const mostDiscarded = 1024 * 1024

/** The parsed body, a refusal, or `gone` when the client left before it had sent everything. */
export type Body = { readonly json: unknown } | Refusal | 'gone'

/** The JSON body of a request; `signal` ends the reading when the API closes. */
export const readJson = async (
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<Body> => {
  const refusal = mediaRefusal(request)
  if (refusal) return refusal
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) return tooLarge
  if (request.headers.expect !== undefined) response.writeContinue()
  const bytes = await readBytes(request, signal)
  return Buffer.isBuffer(bytes) ? parse(bytes) : bytes
}

const tooLarge = refuse('body-too-large', {
  errors: [{ field: 'body', expected: `at most ${mostBytes} bytes` }],
})

const mediaRefusal = ({ headers }: IncomingMessage): Refusal | undefined => {
  const [type = '', ...parameters] = (headers['content-type'] ?? '')
    .split(';')
    .map(part => part.trim().toLowerCase())
  if (type !== 'application/json')
    return refuse('media-unsupported', {
      errors: [{ field: 'Content-Type', expected: 'application/json' }],
      headers: { 'accept-post': 'application/json' },
    })
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity')
    return refuse('media-unsupported', {
      errors: [{ field: 'Content-Encoding', expected: 'none' }],
      headers: { 'accept-encoding': 'identity' },
    })
  const charset = parameters.find(parameter => parameter.startsWith('charset='))
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset))
    return refuse('json-invalid', { errors: [{ field: 'Content-Type', expected: 'no charset, or utf-8' }] })
  return undefined
}

const readBytes = (request: IncomingMessage, signal: AbortSignal): Promise<Buffer | Refusal | 'gone'> =>
  new Promise(resolve => {
    const chunks: Buffer[] = []
    let size = 0
    const finish = (outcome: Buffer | Refusal | 'gone') => {
      request.off('data', take).off('end', whole).off('close', gone)
      signal.removeEventListener('abort', closing)
      resolve(outcome)
    }
    const take = (chunk: Buffer) => {
      size += chunk.length
      if (size > mostBytes) finish(tooLarge)
      else chunks.push(chunk)
    }
    const whole = () => finish(joined(chunks))
    const gone = () => finish('gone')
    const closing = () => finish(refuse('draining'))
    request.on('data', take).once('end', whole).once('close', gone)
    signal.addEventListener('abort', closing)
    if (signal.aborted) closing()
  })

const joined = (chunks: readonly Buffer[]): Buffer => {
  const [first, ...others] = chunks
  return first && others.length === 0 ? first : Buffer.concat(chunks)
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

const parse = (bytes: Buffer): Body => {
  try {
    return { json: JSON.parse(utf8.decode(bytes)) }
  } catch {
    return refuse('json-invalid', { errors: [{ field: 'body', expected: 'one JSON object in UTF-8' }] })
  }
}

/**
 * Lets go of a body that nobody reads, so that a client which is still sending can read its answer.
 * One that goes on beyond 1 MiB is cut off.
 */
export const discardBody = (request: IncomingMessage): void => {
  if (request.complete) return
  let size = 0
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > mostDiscarded) request.socket.destroy()
  })
}
