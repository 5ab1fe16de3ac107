import type { Answer } from './answer.ts'
import type { Body } from './body.ts'
import type { Caller } from './callers.ts'

/** What a route may know of a request. */
export type ApiCall = {
  readonly caller: Caller
  /** The variable part of the path, or nothing. */
  readonly parameter: string
  query(): URLSearchParams
  readonly idempotencyKey: string | undefined
  /** Of a client that comes back to a stream of events. */
  readonly lastEventId: string | undefined
  /** The trace that the client is in, W3C Trace Context; undefined when there is none. */
  readonly traceparent: string | undefined
  body(): Promise<Body>
}

/** A route answers once; `gone` when nobody is left to be answered. */
export type Handler = (call: ApiCall) => Answer | Promise<Answer | 'gone'>

/** The handlers of one path by method; what is not here is answered with 405. */
export type Handlers = Partial<Readonly<Record<'GET' | 'POST', Handler>>>
