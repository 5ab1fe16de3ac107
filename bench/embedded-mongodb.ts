/**
 * How fast the embedded MongoDB server is through the official driver, client and server on one machine.
 * `node dist/bench/embedded-mongodb.js [seconds]`; one line of JSON per workload.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type Collection, MongoClient } from 'mongodb'

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

const startServer = async (folder: string): Promise<{ child: ChildProcess; port: number }> => {
  const main = fileURLToPath(new URL('../local/mongodb/main.js', import.meta.url))
  const child = spawn(process.execPath, [main, '--folder', folder, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return { child, port: JSON.parse(line).port }
}

// User and system time of a process in seconds, as Linux counts it in ticks of 10 ms.
const cpuOf = (pid: number | undefined): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) / 100
}

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

const measure = async (workload: Workload, orders: Orders, pid: number | undefined, seconds: number) => {
  const cpu = cpuOf(pid)
  const { done, passed } = await drive(workload, orders, seconds)
  const perSecond = Math.round(done / passed)
  const serverCpuMicros = Math.round(((cpuOf(pid) - cpu) / done) * 1e6)
  process.stdout.write(`${JSON.stringify({ workload: workload.name, perSecond, serverCpuMicros })}\n`)
}

const folder = mkdtempSync(join(tmpdir(), 'choreo-bench-mongodb-'))
const { child, port } = await startServer(folder)
const client = new MongoClient(`mongodb://127.0.0.1:${port}`, { maxPoolSize: 50 })
try {
  const collection = client.db('bench').collection<Order>('orders')
  await collection.insertMany(Array.from({ length: kept }, (_, n) => order(n)))
  const orders = { collection, versions: [] }
  const seconds = Number(process.argv[2] ?? 3)
  for (const workload of workloads) {
    await drive(workload, orders, seconds / 2)
    await measure(workload, orders, child.pid, seconds)
  }
} finally {
  await client.close()
  child.kill('SIGTERM')
  await once(child, 'exit')
  rmSync(folder, { recursive: true })
}
