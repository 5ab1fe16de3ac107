import type { Collection, Db, Document, Filter } from 'mongodb'
import { isStoreAway } from '../../../shared/runtime/errors.ts'
import { databaseBatchLimits } from '../../../shared/storage/batch-limits.ts'
import { reached } from '../../../shared/storage/mongo/errors.ts'
import {
  type GuardedWrites,
  guardedWrites,
  type Versioned,
} from '../../../shared/storage/mongo/guarded-writes.ts'
import { onePage } from '../../../shared/storage/mongo/one-page.ts'
import {
  type ListIndex,
  type ListQuery,
  type ModelDocument,
  type ReadModel,
  type ReadModels,
  type Register,
  usualSort,
} from './read-model.ts'

/**
 * Read models in MongoDB, each a collection of this database, which holds nothing else. `indexes` name the
 * fields that lists choose and sort by: those are fields of the stored document. All else is one JSON text,
 * `rest`: coding it as BSON would cost several times more.
 */
export const mongoReadModels = <D extends ModelDocument>(
  db: Db,
  indexes: readonly ListIndex[],
): ReadModels<D> => ({
  prepare: async name => {
    const specs = indexes.map(fields => ({
      name: fields.join('_'),
      key: Object.fromEntries(fields.map(field => [field, 1 as const])),
    }))
    await reached(db.collection(name).createIndexes(specs))
  },
  model: name => mongoModel<D>(db.collection(name), new Set(indexes.flat())),
  drop: async name => {
    await reached(db.collection(name).drop())
  },
  register: mongoRegister(db.collection('register')),
})

const mongoModel = <D extends ModelDocument>(
  collection: Collection,
  asked: ReadonlySet<string>,
): ReadModel<D> => {
  const records = collection as unknown as Collection<Versioned>
  const writes = guardedWrites(records, databaseBatchLimits)
  const find = async (
    filter: Document,
    { limit, ...sort }: { sort?: Record<string, 1 | -1>; limit: number },
  ) => {
    const query = records.find(filter as Filter<Versioned>, { ...sort, ...onePage(limit) })
    return (await reached(query.toArray())).map(fromRecord<D>)
  }
  return {
    load: async orderIds => {
      const found = await find({ _id: { $in: orderIds } }, { limit: orderIds.length })
      const byId = new Map(found.map(document => [document.orderId, document]))
      return orderIds.map(id => byId.get(id))
    },
    save: documents => Promise.all(documents.map(document => save(writes, document, asked))),
    list: ({ equal, within = {}, sort = usualSort, limit }: ListQuery) =>
      find(
        { ...equal, [sort.by]: { $gt: '' }, ...rangesOf(within) },
        { sort: { [sort.by]: sort.descending ? -1 : 1 }, limit },
      ),
    page: (after, limit) =>
      find(after === undefined ? {} : { _id: { $gt: after } }, { sort: { _id: 1 }, limit }),
  }
}

// A bound says that there is a text at all: a field that is missing would sort first.
const rangesOf = (within: NonNullable<ListQuery['within']>): Document =>
  Object.fromEntries(
    Object.entries(within).map(([field, { after = '', before }]) => [
      field,
      { $gt: after, ...(before !== undefined && { $lt: before }) },
    ]),
  )

// Without `rest` it is from a release that kept everything as fields. What it left beside a newer text is no
// longer true.
const fromRecord = <D extends ModelDocument>({ _id, version, rest, ...fields }: Versioned): D => {
  const told = typeof rest === 'string' ? JSON.parse(rest) : {}
  return { ...fields, ...told, version, orderId: _id } as unknown as D
}

const fieldsOf = (document: ModelDocument, asked: ReadonlySet<string>): Document => {
  const { orderId: _, version: __, ...all } = document
  const fields: Document = {}
  const rest: Document = {}
  for (const [name, value] of Object.entries(all)) (asked.has(name) ? fields : rest)[name] = value
  return { ...fields, rest: JSON.stringify(rest) }
}

/** @throws SagaError `store-unavailable`; any other failure is this document's own and is returned */
const save = async (
  writes: GuardedWrites,
  document: ModelDocument,
  asked: ReadonlySet<string>,
): Promise<'saved' | 'conflict' | Error> => {
  const { orderId, version } = document
  const fields = fieldsOf(document, asked)
  const insert = version === 0
  const write = insert
    ? writes.insert({ _id: orderId, ...fields, version: 1 })
    : writes.update(orderId, version, { $set: fields })
  const outcome = await write.catch((error: Error) => error)
  if (isStoreAway(outcome)) throw outcome
  return outcome === 'committed' ? 'saved' : outcome
}

const mongoRegister = (collection: Collection): Register => {
  const records = collection as unknown as Collection<Versioned>
  const writes = guardedWrites(records, databaseBatchLimits)
  return {
    read: async name => {
      const [found] = await reached(records.find({ _id: name }, { limit: 1 }).toArray())
      return found && { version: found.version, value: found.value }
    },
    write: async (name, version, value) => {
      const write =
        version === 0
          ? writes.insert({ _id: name, version: 1, value })
          : writes.update(name, version, { $set: { value } })
      return (await write) === 'committed' ? 'written' : 'conflict'
    },
    put: async (name, value) => {
      const update = { $set: { value }, $setOnInsert: { version: 1 } }
      const statement = { updateOne: { filter: { _id: name }, update: update as Document, upsert: true } }
      await reached(records.bulkWrite([statement]))
    },
  }
}
