import { type Collection, MongoServerError } from 'mongodb'
import { duplicateKey, reached } from '../../../shared/storage/mongo/errors.ts'
import { onePage } from '../../../shared/storage/mongo/one-page.ts'
import type { Restock, RestockStore } from './restock-store.ts'

/** `openSince` is there only until the restock is done, so that its index holds nothing else. */
type RestockRecord = Omit<Restock, 'id'> & { _id: string; openSince?: number }

/** Restocks in MongoDB, one document each. */
export const mongoRestockStore = (collection: Collection): RestockStore => {
  const records = collection as unknown as Collection<RestockRecord>
  const find = async (id: string) => {
    const record = await reached(records.findOne({ _id: id }))
    return record ? fromRecord(record) : undefined
  }
  return {
    begin: async restock => {
      const inserted = await reached(insert(records, restock))
      return inserted ? restock : ((await find(restock.id)) ?? restock)
    },
    find,
    advance: async (id, status) => {
      const forward = status === 'added' ? { _id: id, status: 'open' as const } : { _id: id }
      const done = status === 'done' && { $unset: { openSince: '' as const } }
      await reached(records.updateOne(forward, { $set: { status }, ...done }))
    },
    unfinished: async (at, limit) => {
      const query = records.find({ openSince: { $lt: at } }, { sort: { openSince: 1 }, ...onePage(limit) })
      return (await reached(query.toArray())).map(fromRecord)
    },
  }
}

/** Creates what `unfinished` reads by, unless it is there. @throws SagaError `store-unavailable` */
export const ensureRestockIndexes = async (collection: Collection): Promise<void> => {
  await reached(collection.createIndexes([{ name: 'openSince', key: { openSince: 1 }, sparse: true }]))
}

const insert = async (records: Collection<RestockRecord>, { id, ...restock }: Restock) => {
  try {
    await records.insertOne({ _id: id, ...restock, openSince: restock.at })
    return true
  } catch (error) {
    if (error instanceof MongoServerError && error.code === duplicateKey) return false
    throw error
  }
}

const fromRecord = ({ _id, openSince, ...restock }: RestockRecord): Restock => ({ ...restock, id: _id })
