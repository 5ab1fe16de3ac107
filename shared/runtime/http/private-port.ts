import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import express, { type NextFunction, type Request, type Response } from 'express'
import { codeOf } from '../errors.ts'
import { type Check, failing } from '../lifecycle/health.ts'
import { errorFields } from '../telemetry/failure-log.ts'
import type { Log } from '../telemetry/log.ts'
import { textsIn } from '../text/masked.ts'
import type { Clock } from '../time/clock.ts'
import { closeServer, listenAt } from './listen.ts'
import { type Problem, problem, problemType } from './problem.ts'

/**
 * What a route of the private port answers: an object goes out as JSON, text as it is, a stream as it comes
 * until its client leaves.
 */
export type PrivateAnswer = {
  readonly status: number
  readonly body: object | string | Readable
  readonly type?: string
}

/** What else a request says. */
export type PrivateRequest = {
  readonly query: URLSearchParams
  /** Of a client that comes back to a stream of events. */
  readonly lastEventId: string | undefined
}

/** Answers one request; `body` is the parsed JSON of a POST, undefined when there is none. */
export type PrivateRoute = (
  parameters: Readonly<Record<string, string>>,
  body: unknown,
  request: PrivateRequest,
) => PrivateAnswer | Promise<PrivateAnswer>

/**
 * Routes of the private port by path, such as `/stock/:sku`; what changes something has `POST ` before its
 * path.
 */
export type PrivateRoutes = Readonly<Record<string, PrivateRoute>>

/**
 * What each route of a private port answers, in a sentence: routes are made for just these, and pages are
 * made from them.
 */
export type PrivateEndpoints = Readonly<Record<string, string>>

/** How a route is called: with its method. */
export const callOf = (route: string): string => (route.startsWith('POST ') ? route : `GET ${route}`)

/** A route for just each of these. */
export type RoutesFor<E extends PrivateEndpoints> = { readonly [Path in keyof E]: PrivateRoute }

/** What every private port answers. */
export const everyPrivateEndpoint = {
  '/livez': '200 while the process turns',
  '/readyz': '200 while it can do its work, else 503 with what does not hold',
  '/readyz/http': 'the same for what it is asked over HTTP alone: that goes on while RabbitMQ is away',
  '/metrics': 'its metrics, in the text format of Prometheus',
} as const satisfies PrivateEndpoints

/** What the private port needs. A check that takes longer than `checkMs` (1 s unless set) does not hold. */
export type PrivatePortOptions = {
  port: number
  host?: string
  checks: readonly Check[]
  routes?: PrivateRoutes
  /** What `/readyz` says besides. */
  details?: () => object
  clock: Clock
  log: Log
  checkMs?: number
}

/**
 * The private port of a service: `GET /livez` answers while the event loop turns, `GET /readyz` with 200 only
 * while every check holds and else with 503 and the names of those that do not; `GET /readyz/http` leaves out
 * those that only work on messages needs. `listen` fails with SagaError `port-taken`; `close` waits for
 * answers under way.
 */
export const privatePort = (
  options: PrivatePortOptions,
): { listen(): Promise<{ port: number }>; close(): Promise<void> } => {
  const app = privateApp(options)
  // A missing Host is refused by the app: Node's own refusal has no body.
  const limits = { requestTimeout: 10_000, headersTimeout: 5_000, requireHostHeader: false }
  const server = createServer(limits, app).on('checkExpectation', app)
  const { port, host = '127.0.0.1' } = options
  return {
    listen: () => listenAt(server, { port, host, variable: 'CHOREO_HEALTH_PORT' }),
    close: () => closeServer(server),
  }
}

const privateApp = ({ checks, routes = {}, details, clock, log, checkMs = 1_000 }: PrivatePortOptions) => {
  const app = express().disable('x-powered-by').disable('etag')
  app.use((request, response, next) => {
    const refused = refusalOf(request)
    if (refused) send(response, refused)
    else next()
  })
  app.get('/livez', (_, response) => send(response, { status: 200, body: { status: 'ok' } }))
  app.get('/readyz', async (_, response) => {
    const { status, body } = readiness(await failing(checks, clock, checkMs))
    send(response, { status, body: { ...body, ...(details && { details: details() }) } })
  })
  const forHttp = checks.filter(({ forMessages }) => !forMessages)
  app.get('/readyz/http', async (_, response) =>
    send(response, readiness(await failing(forHttp, clock, checkMs))),
  )
  for (const [route, answer] of Object.entries(routes)) {
    const handle = async (request: Request, response: Response) => {
      const outcome = await Promise.resolve()
        .then(() => answer(request.params as Parameters, request.body as unknown, requestOf(request)))
        .catch((error: unknown) => failed(error, { path: route, body: request.body, log }))
      send(response, outcome)
    }
    if (route.startsWith('POST ')) app.post(route.slice('POST '.length), express.json(), handle)
    else app.get(route, handle)
  }
  const unknown = notFound(routes)
  app.use((_, response) => send(response, unknown))
  // Express knows an error handler by its four parameters; its own would show a stack trace.
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) =>
    send(response, request.method === 'POST' && error instanceof SyntaxError ? notJson : unknown),
  )
  return app
}

/** Refuses what HTTP/1.1 itself does not allow, in a problem document. */
const refusalOf = ({ headers, httpVersion }: Request): Document | undefined => {
  if (headers.host === undefined && httpVersion === '1.1') return hostMissing
  return headers.expect === undefined || /^100-continue$/i.test(headers.expect) ? undefined : notExpected
}

type Parameters = Readonly<Record<string, string>>

const requestOf = (request: Request): PrivateRequest => ({
  query: new URL(request.originalUrl, 'http://private').searchParams,
  lastEventId: request.get('last-event-id'),
})

const send = (response: Response, { status, body, type = 'application/json' }: PrivateAnswer): void => {
  const answer = response
    .status(status)
    .set('cache-control', 'no-store')
    .type(status >= 400 ? problemType : type)
  if (body instanceof Readable) sendStream(answer, body)
  else answer.send(typeof body === 'string' ? body : JSON.stringify(body))
}

// The headers go before the first event: the client learns at once that it is listening.
const sendStream = (response: Response, stream: Readable): void => {
  // An idle connection would hold up a stop that comes after it.
  response.set('connection', 'close').flushHeaders()
  response.once('close', () => stream.destroy())
  stream.once('error', () => response.destroy())
  stream.pipe(response)
}

type Document = { readonly status: number; readonly body: object }

const asAnswer = (body: Problem): Document => ({ status: body.status, body })

const notFound = (routes: PrivateRoutes): Document => {
  const all = ['/livez', '/readyz', '/readyz/http', ...Object.keys(routes)]
  const detail = `This port answers ${all.map(callOf).join(', ')}.`
  return asAnswer(problem(404, 'route-unknown', { title: 'No such route', detail }))
}

const notJson = asAnswer(
  problem(400, 'json-invalid', { title: 'Not JSON', detail: 'This route takes one JSON object.' }),
)

const hostMissing = asAnswer(
  problem(400, 'request-malformed', { title: 'Malformed request', detail: 'There is no Host header.' }),
)

const notExpected = asAnswer(
  problem(417, 'expectation-refused', {
    title: 'Expectation unknown',
    detail: 'Send no Expect header, or Expect: 100-continue.',
  }),
)

const readiness = (names: readonly string[]): Document =>
  names.length === 0
    ? { status: 200, body: { status: 'ready' } }
    : asAnswer(
        problem(503, 'not-ready', {
          title: 'Not ready',
          detail: `Does not hold: ${names.join(', ')}.`,
          errors: names.map(field => ({ field, expected: 'to hold' })),
        }),
      )

type FailedRequest = { readonly path: string; readonly body: unknown; readonly log: Log }

const failed = (error: unknown, { path, body, log }: FailedRequest): PrivateAnswer => {
  const later = error instanceof Error && 'retry' in error && error.retry === 'later'
  log.error('a private route failed', { path, ...errorFields(error, textsIn(body)) })
  return asAnswer(
    later
      ? problem(503, codeOf(error), { title: 'Not available now', detail: 'Ask again in a moment.' })
      : problem(500, 'internal', { title: 'Internal error', detail: 'The log has the error.' }),
  )
}
