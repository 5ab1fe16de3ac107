import { shop } from '../../services/contract/shop.ts'
import { lotWriter } from '../../services/inventory/stock/lot-writer.ts'
import { memoryRestockStore } from '../../services/inventory/stock/memory-restock-store.ts'
import { memoryStockStore } from '../../services/inventory/stock/memory-store.ts'
import {
  ensureRestockIndexes,
  mongoRestockStore,
} from '../../services/inventory/stock/mongo-restock-store.ts'
import { ensureStockIndexes, mongoStockStore } from '../../services/inventory/stock/mongo-store.ts'
import type { RestockContext } from '../../services/inventory/stock/restock.ts'
import type { RestockStore } from '../../services/inventory/stock/restock-store.ts'
import type { StockStore } from '../../services/inventory/stock/store.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import type { Store } from '../../shared/saga/document/store.ts'
import { memoryStore } from '../../shared/storage/memory/store.ts'
import { connectMongo, type Mongo } from '../../shared/storage/mongo/connection.ts'
import { ensureDocumentIndexes, mongoStore } from '../../shared/storage/mongo/store.ts'
import { atEndOfRun } from '../end-of-run.ts'
import { mongodb, needs } from '../support/servers.ts'
import type { State } from './documents.ts'

let mongo: Mongo | undefined

/** A database of this test run alone, gone at its end; call `needsMongo` in the suite. */
export const testDatabase = () => {
  if (!mongo) throw new Error('call needsMongo() in the suite')
  return mongo.db(databaseName)
}

const databaseName = `choreo-test-${systemRandom.id()}`

/** A collection that no other test uses. */
export const freshCollection = () => testDatabase().collection(systemRandom.id())

/** Connects to this run's MongoDB before the tests of the enclosing suite. */
export const needsMongo = (): void => {
  needs(mongodb)
  before(async () => {
    mongo ??= connectMongo({ url: await mongodb(), log: silentLog })
  })
}

atEndOfRun(async () => {
  // A server of this run goes with its data.
  if (process.env.MONGODB_URL) await mongo?.db(databaseName).dropDatabase()
  await mongo?.close()
})

/** Every adapter of the store port, each with what it needs and a way to an empty one. */
export const storeAdapters: {
  name: string
  prepare(): void
  fresh(): Promise<Store<State>>
}[] = [
  { name: 'memory', prepare: () => {}, fresh: async () => memoryStore<State>() },
  {
    name: 'mongodb',
    prepare: needsMongo,
    fresh: async () => {
      const collection = freshCollection()
      await ensureDocumentIndexes(collection)
      return mongoStore<State>(shop, collection)
    },
  },
]

const suppliedBy = (stock: StockStore, restocks: RestockStore): RestockContext => ({
  ...{ stock, restocks },
  alone: lotWriter(stock, systemRandom).alone,
})

/** Every adapter of the ports that a restock works with. */
export const supplyAdapters: { name: string; prepare(): void; fresh(): Promise<RestockContext> }[] = [
  {
    name: 'memory',
    prepare: () => {},
    fresh: async () => suppliedBy(memoryStockStore(), memoryRestockStore()),
  },
  {
    name: 'mongodb',
    prepare: needsMongo,
    fresh: async () => {
      const [lots, restocks] = [freshCollection(), freshCollection()]
      await Promise.all([ensureStockIndexes(lots), ensureRestockIndexes(restocks)])
      return suppliedBy(mongoStockStore(lots), mongoRestockStore(restocks))
    },
  },
]

/** Every adapter of the stock port; `many` is how many open holds its tests take. */
export const stockAdapters: {
  name: string
  many: number
  prepare(): void
  fresh(): Promise<StockStore>
}[] = [
  { name: 'memory', many: 100_000, prepare: () => {}, fresh: async () => memoryStockStore() },
  {
    name: 'mongodb',
    many: 3_000,
    prepare: needsMongo,
    fresh: async () => {
      const collection = freshCollection()
      await ensureStockIndexes(collection)
      return mongoStockStore(collection)
    },
  },
]
