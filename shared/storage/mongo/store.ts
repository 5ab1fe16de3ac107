import { type Collection, type Document, type Filter, ObjectId } from 'mongodb'
import type { EventId, SubjectId } from '../../contract/ids.ts'
import type { Saga } from '../../contract/saga.ts'
import { type BatchLimits, coalesced, gathering } from '../../runtime/coalesce.ts'
import { SagaError } from '../../runtime/errors.ts'
import { systemClock } from '../../runtime/time/clock.ts'
import type { SagaDocument } from '../../saga/document/document.ts'
import type { DueRange, Store } from '../../saga/document/store.ts'
import { databaseBatchLimits } from '../batch-limits.ts'
import { type DocumentRecord, firstRecord, fromRecord, operatorsOf } from './document-record.ts'
import { reached } from './errors.ts'
import { guardedWrites, type Versioned, writeAll } from './guarded-writes.ts'
import { onePage } from './one-page.ts'

/**
 * Some id is on record as not yet sent. An emptied array does not fulfil it, so the index holds backlog only.
 */
const hasUnsent = { unsent: { $gt: '' } }

/** Nobody waits for a mark to go, and the sweep leaves it alone for seconds. */
const gatherMarksMs = 100

/**
 * It lies beside the documents, so that what refuses them refuses it; its id is none of a subject, and
 * nothing of it is unsent or due. A value of its own each time, for the server does not write what is there
 * already.
 */
const triedWrite = () => ({
  q: { _id: 'tried-write' },
  u: { $set: { mark: new ObjectId().toHexString() } },
  upsert: true,
})

/**
 * A store in MongoDB, one document per subject of the saga. Loads and writes that are asked for at the same
 * moment share round trips.
 */
export const mongoStore = <S>(
  saga: Saga,
  collection: Collection,
  sharing: BatchLimits = databaseBatchLimits,
): Store<S> => {
  const records = collection as unknown as Collection<DocumentRecord>
  const find = coalesced(sharing, (ids: readonly string[]) => reached(byId<S>(records, ids)))
  const versioned = collection as unknown as Collection<Versioned>
  const pullTogether = (pulls: readonly Document[]) => pullAll(versioned, pulls)
  const pull = coalesced(sharing, pullTogether, gathering(systemClock, gatherMarksMs))
  const writes = guardedWrites(versioned, sharing)
  const page = async (
    filter: Document,
    sort: Record<string, 1>,
    limit: number,
  ): Promise<SagaDocument<S>[]> => {
    const query = records.find(filter as Filter<DocumentRecord>, { sort, ...onePage(limit) })
    return (await reached(query.toArray())).map(record => fromRecord<S>(record as DocumentRecord))
  }
  return {
    load: find,
    commit: (document, change) =>
      document.version === 0
        ? writes.insert(firstRecord(saga, document, change))
        : writes.update(document.subject, document.version, operatorsOf(saga, change)),
    clearUnsent: async (subject, ids) => {
      if (ids.length > 0) await pull(pulling(subject, ids))
    },
    unsent: ({ after, limit }) =>
      page({ ...hasUnsent, ...(after !== undefined && { _id: { $gt: after } }) }, { _id: 1 }, limit),
    due: (now, limit) => page({ due: { $lte: now } }, { due: 1 }, limit),
    stuck: limit => page({ stuckSince: { $gte: 0 } }, { stuckSince: 1 }, limit),
    tryWrite: () => tryWrite(versioned),
    countDue: range => reached(countDue(collection, range)),
  }
}

/** Creates what `unsent`, `due` and `stuck` read by, unless it is there. @throws SagaError `store-unavailable` */
export const ensureDocumentIndexes = async (collection: Collection): Promise<void> => {
  const indexes = [
    // The order of `_id` for the documents with a backlog; an index on `_id` alone may not be partial.
    { name: 'unsent', key: { _id: 1, token: 1 } as const, partialFilterExpression: hasUnsent },
    { name: 'due', key: { due: 1 } as const, sparse: true },
    { name: 'stuck', key: { stuckSince: 1 } as const, sparse: true },
  ]
  await reached(collection.createIndexes(indexes))
}

// The `count` command and not an aggregation, which has to make documents of what an index alone can count.
const countDue = async (
  { db, collectionName }: Collection,
  { from, to, limit }: DueRange & { limit: number },
): Promise<number> => {
  const query = { due: { $gte: from, $lte: to } }
  const { n } = await db.command({ count: collectionName, query, limit, readConcern: { level: 'majority' } })
  return n
}

const byId = async <S>(
  records: Collection<DocumentRecord>,
  ids: readonly string[],
): Promise<(SagaDocument<S> | undefined)[]> => {
  const wanted = [...new Set(ids)]
  const found = await records.find({ _id: { $in: wanted } }, onePage(wanted.length)).toArray()
  const documents = new Map(found.map(record => [record._id, fromRecord<S>(record as DocumentRecord)]))
  return ids.map(id => documents.get(id))
}

const tryWrite = async (records: Collection<Versioned>): Promise<void> => {
  const [refused] = await writeAll(records, { update: records.collectionName, updates: [triedWrite()] })
  if (refused) throw new SagaError('store-unavailable', `a write is refused with ${refused.code}`)
}

const pulling = (_id: SubjectId, ids: readonly EventId[]): Document => ({
  q: { _id },
  u: { $pull: { unsent: { $in: ids } } },
})

/**
 * @throws SagaError `store-unavailable`; what the server refuses alone stays marked, and the sweep comes back
 * to it
 */
const pullAll = async (records: Collection<Versioned>, pulls: readonly Document[]): Promise<undefined[]> => {
  await writeAll(records, { update: records.collectionName, updates: pulls })
  return pulls.map(() => undefined)
}
