import express, { type Express, type NextFunction, type Request, type Response } from 'express'
import { hasCode, isStoreAway } from '../../../shared/runtime/errors.ts'
import type { Random } from '../../../shared/runtime/random.ts'
import { errorFields } from '../../../shared/runtime/telemetry/failure-log.ts'
import type { Log } from '../../../shared/runtime/telemetry/log.ts'
import { validTraceparent } from '../../../shared/runtime/telemetry/trace.ts'
import { textsIn } from '../../../shared/runtime/text/masked.ts'
import { type Answer, refuse, send, statusOf } from './answer.ts'
import { discardBody, readJson } from './body.ts'
import type { AdmittedRequest, gate } from './gate.ts'
import type { ApiCall, Handler, Handlers } from './handler.ts'
import type { RefusalCode } from './refusals.ts'

/** What the public routes are served with. */
export type AppOptions = {
  routes: Readonly<Record<string, Handlers>>
  admit: ReturnType<typeof gate>
  /** Aborted when the API takes no new request. */
  closing: AbortSignal
  log: Log
  random: Random
  /** Told of every refusal. */
  refused: (code: RefusalCode) => void
}

/** The public routes as an Express application in which every answer, also to an error, is ours. */
export const publicApp = (options: AppOptions): Express => {
  const app = express()
  for (const setting of ['x-powered-by', 'etag', 'query parser']) app.disable(setting)
  for (const setting of ['case sensitive routing', 'strict routing']) app.enable(setting)
  const finish = finishing(options)

  app.use((request, response, next) => {
    const entry = options.admit(request)
    if ('refused' in entry) return finish(request, response, entry)
    response.locals.admitted = entry
    next()
  })
  for (const [path, handlers] of Object.entries(options.routes))
    app.all(path, async (request, response) => {
      const handle = handlers[request.method === 'HEAD' ? 'GET' : (request.method as keyof Handlers)]
      const { caller } = admittedOf(response) as AdmittedRequest
      const call = visitOf(request, response, { caller, closing: options.closing })
      finish(request, response, handle ? await outcomeOf(handle, call) : notAllowed(handlers))
    })
  app.use((request, response) => finish(request, response, refuse('route-unknown')))
  // Express knows an error handler by its four parameters. Only its own routing gets here: a path that does
  // not decode.
  app.use((_error: unknown, request: Request, response: Response, _next: NextFunction) =>
    finish(request, response, refuse('request-malformed')),
  )
  return app
}

/** Who was let in with this request; nobody when it was refused at the gate. */
const admittedOf = ({ locals }: Response): AdmittedRequest | undefined => locals.admitted

const visitOf = (
  request: Request,
  response: Response,
  { caller, closing }: { caller: ApiCall['caller']; closing: AbortSignal },
): ApiCall => ({
  caller,
  parameter: String(Object.values(request.params)[0] ?? ''),
  query: () => new URLSearchParams(request.originalUrl.split('?').slice(1).join('?')),
  idempotencyKey: headerOf(request, 'idempotency-key'),
  lastEventId: headerOf(request, 'last-event-id'),
  traceparent: validTraceparent(headerOf(request, 'traceparent')),
  body: async () => {
    const body = await readJson(request, response, closing)
    response.locals.body = body
    return body
  },
})

// Node joins what is sent several times, but for Set-Cookie.
const headerOf = ({ headers }: Request, name: string): string | undefined =>
  headers[name] as string | undefined

type Outcome = Answer | 'gone' | { readonly error: unknown }

// A client that leaves does not end this: what was begun is finished, and its place is taken until then.
const outcomeOf = async (handle: Handler, call: ApiCall): Promise<Outcome> => {
  try {
    return await handle(call)
  } catch (error) {
    return { error }
  }
}

const notAllowed = (handlers: Handlers): Answer => {
  const methods = Object.keys(handlers).flatMap(method => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
  return refuse('method-not-allowed', { headers: { allow: methods.join(', ') } })
}

const answerTo = (error: unknown): Answer => {
  if (isStoreAway(error)) return refuse('store-unavailable')
  return refuse(hasCode(error, 'draining') ? 'draining' : 'internal')
}

// All that the client sent: what of it is sensitive is known only once it was checked.
const valuesOf = (request: Request, { locals }: Response): string[] =>
  textsIn([locals.body, request.headers.authorization, request.headers['idempotency-key']])

const finishing =
  ({ log, random, closing, refused }: AppOptions) =>
  (request: Request, response: Response, outcome: Outcome): void => {
    admittedOf(response)?.slot.leave()
    if (outcome === 'gone') return
    const answer = 'error' in outcome ? answerTo(outcome.error) : outcome
    if ('refused' in answer) refused(answer.refused)
    const requestId = random.id()
    if ('error' in outcome)
      log.error('a request failed', { requestId, ...errorFields(outcome.error, valuesOf(request, response)) })
    discardBody(request)
    if (closing.aborted) response.shouldKeepAlive = false
    // Spread out, so that those who were refused together do not come back together.
    if ([429, 503].includes(statusOf(answer))) response.setHeader('retry-after', 1 + random.int(3))
    send(response, answer, { requestId, closing })
  }
