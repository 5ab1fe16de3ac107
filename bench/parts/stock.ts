/**
 * What an order costs at the stock of inventory: its lines are held and consumed, 256 orders at a time. `node
 * dist/bench/parts/stock.js [seconds] [only what contains this]`; one line of JSON per workload, CPU in
 * microseconds an order.
 */
import { MongoClient } from 'mongodb'
import { OrderId, Sku } from '../../services/contract/ids.ts'
import { consume, hold, type StockRequest } from '../../services/inventory/stock/holds.ts'
import { type LotWriter, lotWriter } from '../../services/inventory/stock/lot-writer.ts'
import { memoryStockStore } from '../../services/inventory/stock/memory-store.ts'
import { ensureStockIndexes, mongoStockStore } from '../../services/inventory/stock/mongo-store.ts'
import type { StockStore } from '../../services/inventory/stock/store.ts'
import { emptyLot } from '../../services/inventory/stock/supply.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { startEmbeddedServer } from './embedded-server.ts'

type Workload = {
  readonly name: string
  readonly units: number
  /** Units of a lot to begin with; one lot unless given. */
  readonly lotSize?: number
  /** One SKU and one line instead of two lines of a hundred. */
  readonly hot?: boolean
  /** Holds of the first SKU that stay open. */
  readonly open?: number
  readonly instances?: number
}

const workloads: Workload[] = [
  { name: 'order, 1,000 units', units: 1_000 },
  { name: 'order, 100,000 units', units: 100_000 },
  { name: 'order, 1,000,000 units', units: 1_000_000 },
  { name: 'order, 100,000 units in 100 lots', units: 100_000, lotSize: 1_000 },
  { name: 'order, 1,000,000 units in 1,000 lots', units: 1_000_000, lotSize: 1_000 },
  { name: 'order, 1,000,000 units, two instances', units: 1_000_000, instances: 2 },
  { name: 'order, 100,000 units in 100 lots, two instances', units: 100_000, lotSize: 1_000, instances: 2 },
  { name: 'hot', units: 10_000_000, hot: true },
  { name: 'hot, 10,000 open holds', units: 10_000_000, hot: true, open: 10_000 },
  { name: 'hot, 100,000 open holds', units: 10_000_000, hot: true, open: 100_000 },
  { name: 'hot, two instances', units: 10_000_000, hot: true, instances: 2 },
  { name: 'hot, 10,000 open holds, two instances', units: 10_000_000, hot: true, open: 10_000, instances: 2 },
]

const callers = 256
const skus = Array.from({ length: 100 }, (_, n) => Sku.parse(`SKU-${n}`))
const line = (sku = 0) => ({ sku: skus[sku] ?? Sku.parse('SKU-0'), quantity: 1 })

const supply = async (store: StockStore, { units, lotSize = units, hot = false }: Workload) => {
  for (const sku of hot ? skus.slice(0, 1) : skus) {
    const lots = Array.from({ length: units / lotSize }, (_, lot) => emptyLot({ sku, lot }))
    await Promise.all(lots.map(lot => store.add({ ...lot, initial: lotSize, onHand: lotSize })))
  }
}

const newAttempt = (lines: StockRequest['lines']) => ({
  ...{ orderId: OrderId.parse(`ord_${systemRandom.id()}`), lines, token: 1, at: 0 },
})

const linesOf = ({ hot }: Workload): StockRequest['lines'] => {
  const first = systemRandom.int(100)
  return hot ? [line()] : [line(first), line((first + 1 + systemRandom.int(98)) % 100)]
}

/** What was read and written, as calls of the port. */
type Calls = { reads: number; writes: number; conflicts: number }

const counted = (store: StockStore, calls: Calls): StockStore => {
  const read =
    <In, Out>(call: (given: In) => Promise<Out>) =>
    (given: In) => {
      calls.reads += 1
      return call(given)
    }
  return {
    ...{ ...store, lots: read(store.lots), lot: read(store.lot), held: read(store.held) },
    commit: async (lot, change) => {
      calls.writes += 1
      const outcome = await store.commit(lot, change)
      if (outcome === 'conflict') calls.conflicts += 1
      return outcome
    },
  }
}

type Figures = { orders: number; short: number; failed: number; latencies: number[] }

/** Any instance may get the second message of an order. */
const oneOrder = async (workload: Workload, instances: readonly LotWriter[], figures: Figures) => {
  const any = () => instances[systemRandom.int(instances.length)] as LotWriter
  const attempt = newAttempt(linesOf(workload))
  const begin = performance.now()
  try {
    const { outcome } = await hold(any(), attempt)
    if (outcome === 'held') await consume(any(), attempt)
    else figures.short += 1
    figures.orders += 1
    figures.latencies.push(performance.now() - begin)
  } catch {
    figures.failed += 1
  }
}

const drive = async (workload: Workload, instances: readonly LotWriter[], seconds: number) => {
  const figures: Figures = { orders: 0, short: 0, failed: 0, latencies: [] }
  const end = performance.now() + seconds * 1_000
  const caller = async () => {
    while (performance.now() < end) await oneOrder(workload, instances, figures)
  }
  await Promise.all(Array.from({ length: callers }, caller))
  return figures
}

/** Runs one workload on an empty store. */
const measure = async (workload: Workload, store: StockStore, serverCpu: () => number, seconds: number) => {
  await supply(store, workload)
  const calls = { reads: 0, writes: 0, conflicts: 0 }
  const used = counted(store, calls)
  const instances = Array.from({ length: workload.instances ?? 1 }, () => lotWriter(used, systemRandom))
  const opening = Array.from({ length: workload.open ?? 0 }, (_, n) =>
    hold(instances[n % instances.length] as LotWriter, newAttempt([line()])),
  )
  await Promise.all(opening)
  await drive(workload, instances, seconds / 2)
  const before = { ...calls, own: process.cpuUsage(), server: serverCpu() }
  const { orders, short, failed, latencies } = await drive(workload, instances, seconds)
  const { user, system } = process.cpuUsage(before.own)
  const each = (total: number) => Math.round((total / orders) * 100) / 100
  latencies.sort((a, b) => a - b)
  return {
    cpuMicros: Math.round((user + system) / orders),
    serverCpuMicros: Math.round(((serverCpu() - before.server) * 1e6) / orders),
    ...{ reads: each(calls.reads - before.reads), writes: each(calls.writes - before.writes) },
    conflicts: each(calls.conflicts - before.conflicts),
    ...{ orders, short, failed },
    p99ms: Math.round(latencies[Math.floor(latencies.length * 0.99)] ?? 0),
  }
}

const seconds = Number(process.argv[2] ?? 3)
const wanted = workloads.filter(({ name }) => name.includes(process.argv[3] ?? ''))
const tell = (of: string, { name }: Workload, figures: object) =>
  process.stdout.write(`${JSON.stringify({ store: of, workload: name, ...figures })}\n`)

for (const workload of wanted)
  tell('memory', workload, await measure(workload, memoryStockStore(), () => 0, seconds))

const server = await startEmbeddedServer()
const client = new MongoClient(server.url, { maxPoolSize: 50 })
try {
  for (const [n, workload] of wanted.entries()) {
    const lots = client.db('bench').collection(`lots-${n}`)
    await ensureStockIndexes(lots)
    tell('embedded', workload, await measure(workload, mongoStockStore(lots), server.cpuSeconds, seconds))
  }
} finally {
  await client.close()
  await server.stop()
}
