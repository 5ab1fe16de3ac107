import { createHash } from 'node:crypto'
import { freePort } from '../../../../local/bring-up/ports.ts'
import { type ApiOptions, type ApiServer, apiServer } from '../../../../services/order/api/server.ts'
import type { StockReader } from '../../../../services/order/api/stock-reader.ts'
import type { TrackingReader } from '../../../../services/order/api/tracking-reader.ts'
import type { OperatorPort } from '../../../../services/order/operator-use-cases.ts'
import { systemRandom } from '../../../../shared/runtime/random.ts'
import type { Log, LogFields } from '../../../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../../../shared/runtime/time/clock.ts'
import { mustBeDocumented } from './openapi/documented.ts'
import { type StubOrders, stubOrders } from './stub-orders.ts'

/** A door over a stub desk that listens on a port of its own. */
export type OpenApi = {
  door: ApiServer
  desk: StubOrders
  port: number
  url: string
  /** The code of every refusal that was counted. */
  refusals: string[]
  logged: { level: string; message: string; fields: LogFields | undefined }[]
  /**
   * A request of this method and path; an object body goes out as JSON. Fails when the OpenAPI document does
   * not describe the answer.
   */
  send(
    method: string,
    path: string,
    options?: { body?: unknown; headers?: Record<string, string> },
  ): Promise<Reply>
}

export type Reply = { status: number; headers: Headers; text: string; json: Record<string, unknown> }

/** A key and how the configuration holds it. */
export const keyOf = (name: string) => {
  const key = `key-of-${name}`
  return { key, holder: { name, sha256: createHash('sha256').update(key).digest('hex') } }
}

const open: ApiServer[] = []

const noTracking: TrackingReader = {
  list: async () => 'unavailable',
  timeline: async () => 'unavailable',
  follow: async () => 'unavailable',
}

const unreachable: OperatorPort = {
  restock: async () => ({ outcome: 'unavailable' }),
  erase: async () => 'unavailable',
  resolve: async () => 'unavailable',
}

/** Opens an API without keys unless the options say otherwise; closed after the test. */
export const openApi = async (
  options: {
    config?: Partial<ApiOptions['config']>
    stock?: StockReader
    operator?: OperatorPort
    tracking?: TrackingReader
    openOrders?: ApiOptions['openOrders']
    /** Serves orders in place of the stub desk. */
    orders?: ApiOptions['orders']
    patience?: ApiOptions['patience']
  } = {},
): Promise<OpenApi> => {
  const desk = stubOrders()
  const refusals: string[] = []
  const { log, logged } = recordingLog()
  const door = apiServer({
    orders: options.orders ?? desk,
    stock: options.stock ?? (async () => 'unavailable'),
    tracking: options.tracking ?? noTracking,
    operator: options.operator ?? unreachable,
    openOrders: options.openOrders ?? { enter: () => ({ leave: () => {} }) },
    refused: code => void refusals.push(code),
    config: {
      CHOREO_HTTP_PORT: await freePort(),
      CHOREO_HTTP_HOST: '127.0.0.1',
      CHOREO_CALLER_KEYS: [],
      CHOREO_OPERATOR_KEYS: [],
      CHOREO_MAX_IN_FLIGHT: 64,
      ...options.config,
    },
    log,
    clock: systemClock,
    random: systemRandom,
    ...(options.patience && { patience: options.patience }),
  })
  const { port } = await door.listen()
  open.push(door)
  const url = `http://127.0.0.1:${port}`
  return { door, desk, port, url, refusals, logged, send: sender(url) }
}

/** Closes every door that a test opened. */
export const closeApis = async (): Promise<void> => {
  await Promise.all(open.splice(0).map(door => door.drain()))
}

const sender =
  (url: string): OpenApi['send'] =>
  async (method, path, { body, headers = {} } = {}) => {
    const json = body === undefined ? {} : { 'content-type': 'application/json' }
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
    const init = { method, headers: { ...json, ...headers }, ...(text !== undefined && { body: text }) }
    const response = await fetch(url + path, init)
    const answer = await response.text()
    if (method !== 'HEAD')
      mustBeDocumented(method, path, { status: response.status, headers: response.headers, text: answer })
    const parsed = answer === '' ? {} : JSON.parse(answer)
    return { status: response.status, headers: response.headers, text: answer, json: parsed }
  }

const recordingLog = () => {
  const logged: OpenApi['logged'] = []
  const at = (level: string) => (message: string, fields?: LogFields) =>
    void logged.push({ level, message, fields })
  const log: Log = { info: at('info'), warn: at('warn'), error: at('error') }
  return { log, logged }
}
