/**
 * The limit: accepts orders over HTTP as plainly as Node can, and moves as many bytes as an order cannot do
 * without through store, broker, Redis and providers, in the largest useful batches and without deciding
 * anything. `main.js PORT`.
 */
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import { Redis } from 'ioredis'
import { places, port } from '../naive/places.ts'
import { post } from '../naive/provider.ts'
import { batches } from './batches.ts'
import { type Step, steps, together } from './profile.ts'
import { openStore, writeStep } from './store.ts'
import { openWire } from './wire.ts'

const store = await openStore(places.mongodbUrl)
const redis = new Redis(places.redisUrl)
const open = new Set<string>()
const shipTo = { name: 'A', line1: '1 High Street', city: 'Bristol', postalCode: 'BS1 1AA', country: 'GB' }

const callOf = (path: '/charges' | '/shipments', orderId: string) =>
  path === '/charges'
    ? { key: `${orderId}:charge`, orderId, amount: 1_000, token: 'tok_approve' }
    : { key: `${orderId}:shipment`, orderId, shipTo }

const ask = async ({ asks }: Step, orderIds: readonly string[]) => {
  if (!asks) return
  const url = `${asks === '/charges' ? places.paymentProvider : places.carrier}${asks}`
  await Promise.all(orderIds.map(orderId => post(url, callOf(asks, orderId))))
}

const keysOf = ({ service }: Step, orderIds: readonly string[]) =>
  orderIds.map(id => `limit:${service}:${id}`)

/** Looks in Redis, asks the provider, writes, sends on, and notes in Redis. */
const take = async (n: number, orderIds: readonly string[]): Promise<void> => {
  const step = steps[n]
  if (!step) return
  const keys = keysOf(step, orderIds)
  await Promise.all([redis.mget(keys), ask(step, orderIds)])
  await writeStep(store, step, orderIds)
  if (n + 1 < steps.length) await wire.send(n + 1, orderIds)
  else for (const id of orderIds) open.delete(id)
  await redis.mset(keys.flatMap(key => [key, '1']))
}

const wire = await openWire(places.amqpUrl, take)

const accept = batches<string>(together.orders, async orderIds => {
  await Promise.all([store.begin('order', orderIds), store.begin('tracking', orderIds)])
  for (const id of orderIds) open.add(id)
  await wire.send(0, orderIds)
})

const bodyOf = (request: IncomingMessage) =>
  new Promise<string>(resolve => {
    let text = ''
    request.setEncoding('utf8')
    request.on('data', some => {
      text += some
    })
    request.on('end', () => resolve(text))
  })

const answer = async (request: IncomingMessage): Promise<[number, object]> => {
  const [path = '', query = ''] = (request.url ?? '').split('?')
  if (request.method === 'POST') {
    JSON.parse(await bodyOf(request))
    const orderId = `ord_${randomUUID()}`
    await accept.add(orderId)
    return [202, { orderId, status: 'placed', total: 1_000 }]
  }
  if (path === '/readyz') return [200, { ready: true }]
  if (query !== '') return [200, { orders: [...open].slice(0, 1) }]
  const status = open.has(path.slice('/orders/'.length)) ? 'placed' : 'confirmed'
  return [200, { status, awaiting: [] }]
}

createServer(async (request, response) => {
  const [status, content] = await answer(request)
  const text = JSON.stringify(content)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  })
  response.end(text)
}).listen(port, '127.0.0.1')
process.once('SIGTERM', () => process.exit(0))
