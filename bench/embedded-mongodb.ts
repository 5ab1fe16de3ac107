/**
 * How fast the embedded MongoDB server is through the official driver, client and server on one machine.
 * `node dist/bench/embedded-mongodb.js [seconds]`; one line of JSON per workload.
 */
import { type Collection, MongoClient } from 'mongodb'
import { startEmbeddedServer } from './embedded-server.ts'

type Order = { _id: string; version: number; events: object[]; state: object }
type Workload = {
  name: string
  inFlight: number
  each: number
  run(orders: Orders, turn: number): Promise<unknown>
}
type Orders = { collection: Collection<Order>; versions: number[] }

const kept = 4_096
const event = (n: number) => ({
  id: `order-1:payment:${n}`,
  type: 'payment.captured',
  cause: 'order-1:inventory:1',
  data: { amount: 1_999, at: 1_700_000_000_000, reference: 'ch_0123456789abcdef' },
})
const order = (n: number): Order => ({
  _id: `order-${n}`,
  version: 1,
  state: { status: 'charging', total: 1_999, lines: [{ sku: 'SKU-1', quantity: 2 }] },
  events: [event(0)],
})

const guarded = ({ versions }: Orders, n: number) => {
  const version = versions[n] ?? 1
  versions[n] = version + 1
  return {
    filter: { _id: `order-${n}`, version },
    update: {
      $set: {
        state: { status: 'charged', total: 1_999 },
        version: version + 1,
        [`inbox.order-1:inventory:${version % 4}`]: { outcome: 'applied' },
      },
      $push: { events: { $each: [event(version)] } },
    },
  }
}

let inserted = 0
const workloads: Workload[] = [
  {
    name: 'single guarded update',
    inFlight: 200,
    each: 1,
    run: async (orders, turn) => {
      const { filter, update } = guarded(orders, turn % kept)
      const { modifiedCount } = await orders.collection.updateOne(filter, update)
      if (modifiedCount !== 1) throw new Error('a guarded update missed')
    },
  },
  {
    name: 'unordered bulk of 512 guarded updates',
    inFlight: 4,
    each: 512,
    run: async (orders, turn) => {
      const first = (turn * 512) % kept
      const operations = Array.from({ length: 512 }, (_, i) => ({ updateOne: guarded(orders, first + i) }))
      const { modifiedCount } = await orders.collection.bulkWrite(operations, { ordered: false })
      if (modifiedCount !== 512) throw new Error('a guarded update missed')
    },
  },
  {
    name: 'single insert',
    inFlight: 200,
    each: 1,
    run: ({ collection }) => collection.insertOne({ ...order(0), _id: `inserted-${inserted++}` }),
  },
  {
    name: 'find of 512 by _id $in',
    inFlight: 4,
    each: 512,
    run: async ({ collection }, turn) => {
      const first = (turn * 512) % kept
      const ids = Array.from({ length: 512 }, (_, i) => `order-${first + i}`)
      const found = await collection
        .find({ _id: { $in: ids } }, { batchSize: 512, readConcern: 'majority' })
        .toArray()
      if (found.length !== 512) throw new Error('a find missed')
    },
  },
]

/** Runs the workload for a while; how often it was done, and in how many seconds. */
const drive = async (workload: Workload, orders: Orders, seconds: number) => {
  const begin = process.hrtime.bigint()
  const passed = () => Number(process.hrtime.bigint() - begin) / 1e9
  let turn = 0
  const caller = async () => {
    while (passed() < seconds) await workload.run(orders, turn++)
  }
  await Promise.all(Array.from({ length: workload.inFlight }, caller))
  return { done: turn * workload.each, passed: passed() }
}

const measure = async (workload: Workload, orders: Orders, cpuOf: () => number, seconds: number) => {
  const cpu = cpuOf()
  const { done, passed } = await drive(workload, orders, seconds)
  const perSecond = Math.round(done / passed)
  const serverCpuMicros = Math.round(((cpuOf() - cpu) / done) * 1e6)
  process.stdout.write(`${JSON.stringify({ workload: workload.name, perSecond, serverCpuMicros })}\n`)
}

const server = await startEmbeddedServer()
const client = new MongoClient(server.url, { maxPoolSize: 50 })
try {
  const collection = client.db('bench').collection<Order>('orders')
  await collection.insertMany(Array.from({ length: kept }, (_, n) => order(n)))
  const orders = { collection, versions: [] }
  const seconds = Number(process.argv[2] ?? 3)
  for (const workload of workloads) {
    await drive(workload, orders, seconds / 2)
    await measure(workload, orders, server.cpuSeconds, seconds)
  }
} finally {
  await client.close()
  await server.stop()
}
