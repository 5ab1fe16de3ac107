import { memoryStore } from '../../shared/persistence/memory.ts'
import { connectMongo, type Mongo } from '../../shared/persistence/mongo/connection.ts'
import { ensureOrderIndexes, mongoStore } from '../../shared/persistence/mongo/store.ts'
import type { Store } from '../../shared/persistence/store.ts'
import { silentLog } from '../../shared/runtime/log.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { mongodb, needs } from '../servers.ts'
import type { State } from './given-documents.ts'

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

after(async () => {
  // A server of this run is gone with its data by now.
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
      await ensureOrderIndexes(collection)
      return mongoStore<State>(collection)
    },
  },
]
