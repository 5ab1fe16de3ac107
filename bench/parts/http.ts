/**
 * CPU of the order service's public API for one request: the whole of it over loopback, and its parts by
 * themselves. The use cases behind the door do nothing, and a process of its own sends the requests. `node
 * dist/bench/parts/http.js [seconds [part of a name]]`; one line of JSON per workload, in microseconds of CPU
 * of this process for one request.
 */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { anOrder } from '../../harness/an-order.ts'
import { orderIdOf } from '../../services/contract/ids.ts'
import { totalOf } from '../../services/contract/money.ts'
import { OrderPlaced, OrderSubmitted } from '../../services/contract/order.ts'
import { apiServer } from '../../services/order/api/server.ts'
import { digestOf } from '../../services/order/digest.ts'
import { type OrderPort, OrderRequest } from '../../services/order/order-port.ts'
import { parseFields } from '../../shared/commands/fields.ts'
import { base32, systemRandom } from '../../shared/runtime/random.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'

const callers = 50
const total = totalOf([{ quantity: 3, unitPrice: 250 }])
const orderId = orderIdOf('0123456789abcdefghijklmnop')
const body = JSON.stringify(anOrder())

const orderPort: OrderPort = {
  place: async () => ({ kind: 'placed', orderId, total }),
  cancel: async () => 'unknown',
  find: async () => ({
    ...{ orderId, caller: 'local', status: 'placed', total, cancelRequested: false },
    lines: [{ sku: 'SKU-0', quantity: 2, unitPrice: total }],
    awaiting: ['shipment.scheduled', 'shipment.refused', 'inventory.rejected', 'payment.declined'],
  }),
  catalogue: () => [],
}

const head = (method: string, path: string, more = '') =>
  `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\nUser-Agent: bench\r\n${more}\r\n`
const posted = (more = '') =>
  head(
    'POST',
    '/orders',
    `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${more}`,
  ) + body
const requests = {
  'POST /orders': posted(),
  'POST /orders with a key': posted('Idempotency-Key: 8e03978e-40d5-43e8-bc93-6894a57f9324\r\n'),
  'POST /orders refused': posted(),
  'GET /orders/<id>': head('GET', `/orders/${orderId}`),
  'GET /nowhere': head('GET', '/nowhere'),
} as const

/** Sends one request after the other on one connection, for ever. */
const call = (port: number, request: string, answered: () => void): Socket => {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let text = ''
  socket.setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    text += chunk
    const end = text.indexOf('\r\n\r\n')
    const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0)
    if (end < 0 || text.length < end + 4 + length) return
    text = ''
    answered()
    socket.write(request)
  })
  socket.on('error', () => {}) // the other process is gone
  socket.write(request)
  return socket
}

/** Sends the request that it is given until it is stopped; then it reports how many answers came. */
const sendLoad = () => {
  let answers = 0
  let sockets: readonly Socket[] = []
  process.on('message', (told: { port: number; request: string } | 'stop') => {
    if (told === 'stop') {
      for (const socket of sockets) socket.destroy()
      process.send?.(answers)
      return
    }
    answers = 0
    sockets = Array.from({ length: callers }, () => call(told.port, told.request, () => answers++))
  })
}

const run = async (client: ChildProcess, load: { port: number; request: string }, ms: number) => {
  client.send(load)
  const begun = process.cpuUsage()
  await new Promise(resolve => setTimeout(resolve, ms))
  const { user, system } = process.cpuUsage(begun)
  client.send('stop')
  const [answers] = (await once(client, 'message')) as [number]
  return { micros: (user + system) / answers, answers }
}

const parts: Readonly<Record<string, () => unknown>> = {
  'parse and validate': () => parseFields(OrderRequest, JSON.parse(body)),
  'an id': () => systemRandom.id(),
  'an id of a key': () => base32(digestOf(['local', '8e03978e-40d5-43e8-bc93-6894a57f9324'])),
  'a fingerprint': () => digestOf(body).toString('hex'),
  'the events of an order': () => [OrderSubmitted({ fingerprint, deadline: 1 }), OrderPlaced(placed)],
}
const fingerprint = digestOf(body).toString('hex')
const { customerId, shipTo, payment, lines } = JSON.parse(body)
const placed = {
  ...{ caller: 'local', customerId, total, paymentToken: payment.token, shipTo },
  lines: lines.map((line: object) => ({ ...line, unitPrice: 250 })),
} as never // in the newest version, whatever that has

const perCall = (part: () => unknown, ms: number): number => {
  const until = (end: number): number => {
    let calls = 0
    for (; performance.now() < end; calls += 64) for (let i = 0; i < 64; i++) part()
    return calls
  }
  until(performance.now() + ms / 4)
  const begun = process.cpuUsage()
  const calls = until(performance.now() + ms)
  const { user, system } = process.cpuUsage(begun)
  return (user + system) / calls
}

const print = (workload: string, micros: number, more: object = {}) =>
  process.stdout.write(`${JSON.stringify({ workload, µs: Number(micros.toFixed(2)), ...more })}\n`)

const main = async (seconds: number, wanted: string) => {
  let isFull = false
  const isWanted = ([name]: readonly [string, unknown]) => name.includes(wanted)
  for (const [name, part] of Object.entries(parts).filter(isWanted)) print(name, perCall(part, 500))
  const unavailable = async () => 'unavailable' as const
  const config = {
    ...{ CHOREO_HTTP_PORT: 0, CHOREO_HTTP_HOST: '127.0.0.1', CHOREO_MAX_IN_FLIGHT: 1_000 },
    ...{ CHOREO_CALLER_KEYS: [], CHOREO_OPERATOR_KEYS: [] },
  }
  const api = apiServer({
    ...{ orders: orderPort, config, log: silentLog, clock: systemClock, random: systemRandom },
    stock: unavailable,
    openOrders: { enter: () => (isFull ? 'full' : { leave: () => {} }) },
    refused: () => {},
    tracking: { list: unavailable, timeline: unavailable, follow: unavailable },
    operator: { restock: async () => ({ outcome: 'unavailable' }), erase: unavailable, resolve: unavailable },
  })
  const { port } = await api.listen()
  const client = fork(fileURLToPath(import.meta.url), ['load'])
  for (const [name, request] of Object.entries(requests).filter(isWanted)) {
    isFull = name.endsWith('refused')
    await run(client, { port, request }, seconds * 1_000)
    const { micros, answers } = await run(client, { port, request }, seconds * 1_000)
    print(name, micros, { answers })
  }
  client.disconnect()
  await api.drain()
}

const [given, wanted = ''] = process.argv.slice(2)
if (given === 'load') sendLoad()
else await main(Number(given ?? 5), wanted)
