import { setMaxListeners } from 'node:events'
import { closeServer, listenAt } from '../../../shared/runtime/http/listen.ts'
import type { Random } from '../../../shared/runtime/random.ts'
import type { Log } from '../../../shared/runtime/telemetry/log.ts'
import { type Clock, within } from '../../../shared/runtime/time/clock.ts'
import { orderCommands } from '../commands.ts'
import type { OrderConfig } from '../configuration.ts'
import type { OpenOrders } from '../open-orders.ts'
import type { OperatorPort } from '../operator-use-cases.ts'
import type { OrderPort } from '../order-port.ts'
import { orderQueries } from '../queries.ts'
import { admission } from './admission.ts'
import { publicApp } from './app.ts'
import { authentication, isKeyless, type Keys } from './callers.ts'
import { messagesOf } from './express-messages.ts'
import { gate } from './gate.ts'
import { type ClientTimeouts, httpServer } from './http-server.ts'
import type { RefusalCode } from './refusals.ts'
import { routes } from './routes.ts'
import type { StockReader } from './stock-reader.ts'
import type { TrackingReader } from './tracking-reader.ts'

/**
 * What the public API needs; `patience` bounds slow clients (5 s for headers, 10 s for the request unless
 * set).
 */
export type ApiOptions = {
  orders: OrderPort
  stock: StockReader
  tracking: TrackingReader
  operator: OperatorPort
  openOrders: Pick<OpenOrders, 'enter'>
  /** Told of every refusal. */
  refused: (code: RefusalCode) => void
  config: Pick<
    OrderConfig,
    | 'CHOREO_HTTP_PORT'
    | 'CHOREO_HTTP_HOST'
    | 'CHOREO_CALLER_KEYS'
    | 'CHOREO_OPERATOR_KEYS'
    | 'CHOREO_MAX_IN_FLIGHT'
  >
  log: Log
  clock: Clock
  random: Random
  patience?: ClientTimeouts
}

/** The public API. */
export type ApiServer = {
  /** Resolves with the port. Fails with SagaError `port-taken` or `config-invalid`. */
  listen(): Promise<{ port: number }>
  /** Takes no new request, finishes those under way, also those whose client has gone, and closes. */
  drain(): Promise<void>
}

const loopback = '127.0.0.1'
// For answers that are written and not yet read, and for clients in the middle of their headers.
const flushMs = 1_000
/** Streams of events that may be open at once; each is a socket here and one to tracking. */
const mostStreams = 128

/** The order service's HTTP API over `orders`; it knows nothing of orders beyond what the port says. */
export const apiServer = (options: ApiOptions): ApiServer => {
  const { config, log, clock, random, refused, patience = { headersMs: 5_000, requestMs: 10_000 } } = options
  const keys = { callers: config.CHOREO_CALLER_KEYS, operators: config.CHOREO_OPERATOR_KEYS }
  const keyless = isKeyless(keys)
  const places = admission(bounds(config.CHOREO_MAX_IN_FLIGHT, keys))
  const closing = new AbortController()
  setMaxListeners(0, closing.signal) // each request under way may listen
  const admit = gate({
    admission: places,
    authenticate: authentication(keys),
    keyless,
    closing: closing.signal,
  })
  const streams = admission(bounds(mostStreams, keys))
  const [commands, queries] = [orderCommands(options), orderQueries(options)]
  const served = routes({ ...options, commands, queries, streams })
  const app = publicApp({ routes: served, admit, closing: closing.signal, log, random, refused })
  const server = httpServer(app, { random, refused, patience, messages: messagesOf(app) })

  const listen = async () => {
    const host = keyless ? loopback : config.CHOREO_HTTP_HOST
    if (keyless) log.warn('no keys are configured: the API serves this machine only', { host })
    return listenAt(server, { port: config.CHOREO_HTTP_PORT, host, variable: 'CHOREO_HTTP_PORT' })
  }
  const drain = async () => {
    closing.abort()
    const closed = closeServer(server)
    await places.idle()
    if ((await within(clock, flushMs, closed)) === 'late') server.closeAllConnections()
    await closed
  }
  return { listen, drain }
}

// One caller cannot crowd out the others; without keys there are no others.
const bounds = (total: number, keys: Keys) => ({
  total,
  perCaller: isKeyless(keys) ? total : Math.max(1, Math.floor(total / 4)),
})
