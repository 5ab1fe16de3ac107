import { type Collection, MongoClient } from 'mongodb'
import type { Event } from './events.ts'
import { places } from './places.ts'

/** What one service knows of one order. */
export type Known<State> = {
  _id: string
  version: number
  /** How the order stands here; lists go by it. */
  is: string
  state: State
  /** Ids of the events that are on record here. */
  inbox: string[]
  /** What was said, to be said again should its publishing have failed. */
  outbox: Event[]
}

/** The documents of one service. */
export type Documents<State> = {
  read(orderId: string): Promise<Known<State> | undefined>
  /** False when the order is known already. */
  insert(document: Known<State>): Promise<boolean>
  /** False when the document has changed since it was read. */
  update(before: Known<State>, change: Partial<Omit<Known<State>, '_id' | 'version'>>): Promise<boolean>
  readonly collection: Collection<Known<State>>
}

const duplicateKey = 11_000
const isDuplicate = (error: unknown) =>
  error instanceof Error && 'code' in error && error.code === duplicateKey

const client = new MongoClient(places.mongodbUrl, { maxPoolSize: 100 })

/** A database of the naive system. */
export const database = (service: string) => client.db(`naive_${service}`)

/** The documents of a service, one per order, each write guarded by the version that was read. */
export const documentsOf = <State>(service: string): Documents<State> => {
  const collection = database(service).collection<Known<State>>('orders')
  return {
    collection,
    read: async orderId =>
      ((await collection.findOne({ _id: orderId } as object)) as Known<State> | null) ?? undefined,
    insert: async document => {
      try {
        await collection.insertOne(document as Parameters<typeof collection.insertOne>[0])
        return true
      } catch (error) {
        if (isDuplicate(error)) return false
        throw error
      }
    },
    update: async ({ _id, version }, change) => {
      const guard = { _id, version } as object
      const { matchedCount } = await collection.updateOne(guard, {
        $set: { ...change, version: version + 1 },
      } as object)
      return matchedCount === 1
    },
  }
}
