import type { IncomingMessage } from 'node:http'
import type { Admission, Slot } from './admission.ts'
import { type Refusal, refuse } from './answer.ts'
import { anybody, type authentication, type Caller } from './callers.ts'
import { isForAnybody } from './openapi/endpoints.ts'

/** Everything that is decided about a request before its body is looked at. */
export type GateOptions = {
  admission: Admission
  authenticate: ReturnType<typeof authentication>
  keyless: boolean
  /** Aborted when the API takes no new request. */
  closing: AbortSignal
}

/** Who was let in, and the place that the request takes up until it is left. */
export type AdmittedRequest = { readonly caller: Caller; readonly slot: Slot }

/** Lets a request in or says why not, cheapest reason first. */
export const gate =
  ({ admission, authenticate, keyless, closing }: GateOptions) =>
  (request: IncomingMessage): AdmittedRequest | Refusal => {
    if (closing.aborted) return refuse('draining')
    const malformed = headersRefusal(request, keyless)
    if (malformed) return malformed
    const caller = callerOf(request, authenticate)
    if (typeof caller === 'string') return unauthorised(caller)
    const slot = admission.enter(caller.name)
    if (slot === 'full') return refuse('busy')
    return slot === 'caller-full' ? refuse('caller-busy') : { caller, slot }
  }

const headersRefusal = (request: IncomingMessage, keyless: boolean): Refusal | undefined => {
  const { host, expect } = request.headers
  if (host === undefined && request.httpVersion === '1.1') return refuse('request-malformed', noHost)
  if (expect !== undefined && !/^100-continue$/i.test(expect)) return refuse('expectation-refused')
  return keyless && !isLocalName(host) ? refuse('host-refused') : undefined
}

const noHost = {
  errors: [{ field: 'Host', expected: 'the name that the request is for' }],
  headers: { connection: 'close' },
}

const callerOf = ({ method, url, headers }: IncomingMessage, authenticate: GateOptions['authenticate']) =>
  isForAnybody(method, url) ? anybody : authenticate(headers.authorization)

const unauthorised = (code: 'key-missing' | 'key-unknown'): Refusal => {
  const error = code === 'key-unknown' ? ', error="invalid_token"' : ''
  return refuse(code, { headers: { 'www-authenticate': `Bearer realm="choreo"${error}` } })
}

// A web page can make its own host name resolve to 127.0.0.1 and would then be talking to us (DNS rebinding).
// An address, or a name without a dot, is nobody's domain.
const isLocalName = (host = ''): boolean => {
  const name = host.replace(/:\d*$/, '')
  return !name.includes('.') || name.endsWith('.localhost') || /^(\[.*\]|\d+(\.\d+){3})$/.test(name)
}
