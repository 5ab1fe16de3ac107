import type { Collection, Document, Filter } from 'mongodb'
import { type BatchLimits, coalesced } from '../../../shared/runtime/coalesce.ts'
import { databaseBatchLimits } from '../../../shared/storage/batch-limits.ts'
import { reached } from '../../../shared/storage/mongo/errors.ts'
import {
  guardedWrites,
  type Operators,
  type Versioned,
} from '../../../shared/storage/mongo/guarded-writes.ts'
import { onePage } from '../../../shared/storage/mongo/one-page.ts'
import type { Sku } from '../../contract/ids.ts'
import { type Lot, type LotChange, lotKey, type StockStore } from './store.ts'

type LotRecord = Versioned & Lot

/**
 * Stock in MongoDB, one document per lot. Reads and writes that are asked for at the same moment share round
 * trips.
 */
export const mongoStockStore = (
  collection: Collection,
  sharing: BatchLimits = databaseBatchLimits,
): StockStore => {
  const records = collection as unknown as Collection<LotRecord>
  const writes = guardedWrites(collection as unknown as Collection<Versioned>, sharing)
  const lot = coalesced(sharing, (keys: readonly string[]) => reached(byKey(records, keys)))
  const held = coalesced(sharing, (skus: readonly Sku[]) => reached(heldOf(records, skus)))
  return {
    lots: sku => reached(ofSku(records, sku)),
    lot: name => lot(lotKey(name)),
    held,
    commit: (lot, change) => writes.update(lotKey(lot), lot.version, operatorsOf(change)),
    add: lot => writes.insert({ _id: lotKey(lot), ...lot }),
    holding: async ({ after, limit }) => {
      const filter = { held: { $gt: 0 }, ...(after && { _id: { $gt: lotKey(after) } }) }
      const query = records.find(filter as Filter<LotRecord>, { sort: { _id: 1 }, ...onePage(limit) })
      return (await reached(query.toArray())).map(record => fromRecord(record as LotRecord))
    },
  }
}

/** Creates what `held` reads by, unless it is there. @throws SagaError `store-unavailable` */
export const ensureStockIndexes = async (collection: Collection): Promise<void> => {
  await reached(collection.createIndexes([{ name: 'sku', key: { sku: 1 } }]))
}

// Over the keys and not by SKU, because only then the lots are read in the order of their numbers.
const ofSku = async (records: Collection<LotRecord>, sku: Sku): Promise<readonly Lot[]> => {
  const filter = { _id: { $gt: `${sku}#`, $lt: `${sku}$` } } as Filter<LotRecord>
  const found = await records.find(filter, { sort: { _id: 1 }, batchSize: 1_000 }).toArray()
  return found.map(record => fromRecord(record as LotRecord))
}

const byKey = async (records: Collection<LotRecord>, keys: readonly string[]) => {
  const filter = { _id: { $in: [...new Set(keys)] } } as Filter<LotRecord>
  const found = await records.find(filter, { batchSize: 1_000 }).toArray()
  const lots = new Map(found.map(record => [record._id as string, fromRecord(record as LotRecord)]))
  return keys.map(key => lots.get(key))
}

const heldOf = async (records: Collection<LotRecord>, skus: readonly Sku[]): Promise<(readonly Lot[])[]> => {
  const filter = { sku: { $in: [...new Set(skus)] }, held: { $gt: 0 } } as Document
  const found = await records.find(filter as Filter<LotRecord>, { batchSize: 1_000 }).toArray()
  const grouped = new Map<Sku, Lot[]>(skus.map(sku => [sku, []]))
  for (const record of found) grouped.get(record.sku)?.push(fromRecord(record as LotRecord))
  return skus.map(sku => grouped.get(sku) ?? [])
}

const fromRecord = ({ _id, ...lot }: LotRecord): Lot => lot

const operatorsOf = ({ holds, restocks, moves, receipts, ...numbers }: LotChange): Operators => {
  const entries = Object.entries({ holds, restocks, moves, receipts }).flatMap(([field, changes = {}]) =>
    Object.entries(changes).map(([id, entry]) => [`${field}.${id}`, entry] as const),
  )
  const gone = entries.filter(([, entry]) => entry === null)
  return {
    $set: { ...numbers, ...Object.fromEntries(entries.filter(([, entry]) => entry !== null)) },
    ...(gone.length > 0 && { $unset: Object.fromEntries(gone.map(([field]) => [field, ''])) }),
  }
}
