import type { Collection, Document, Filter } from 'mongodb'
import type { Sku } from '../../contract/ids.ts'
import { coalesced, type Sharing } from '../../runtime/coalesce.ts'
import { databaseSharing } from '../sharing.ts'
import { type Hold, type Lot, type LotChange, lotKey, type StockStore } from '../stock.ts'
import { reached } from './errors.ts'
import { guardedWrites, type Operators, type Versioned } from './guarded-writes.ts'
import { onePage } from './one-page.ts'

type LotRecord = Versioned & Lot

/** Stock in MongoDB, one document per lot. Reads and writes that are asked for at the same moment share round trips. */
export const mongoStockStore = (collection: Collection, sharing: Sharing = databaseSharing): StockStore => {
  const records = collection as unknown as Collection<LotRecord>
  const writes = guardedWrites(collection as unknown as Collection<Versioned>, sharing)
  const find = coalesced(sharing, (skus: readonly Sku[]) => reached(bySku(records, skus)))
  return {
    lots: find,
    commit: (lot, change) => writes.update(lotKey(lot), lot.version, operatorsOf(change)),
    add: lot => writes.insert({ _id: lotKey(lot), ...lot }),
    holding: async ({ after, limit }) => {
      const filter = { held: { $gt: 0 }, ...(after && { _id: { $gt: lotKey(after) } }) }
      const query = records.find(filter as Filter<LotRecord>, { sort: { _id: 1 }, ...onePage(limit) })
      return (await reached(query.toArray())).map(record => fromRecord(record as LotRecord))
    },
  }
}

/** Creates what `lots` reads by, unless it is there. @throws SagaError `store-unavailable` */
export const ensureStockIndexes = async (collection: Collection): Promise<void> => {
  await reached(collection.createIndexes([{ name: 'sku', key: { sku: 1 } }]))
}

const bySku = async (records: Collection<LotRecord>, skus: readonly Sku[]): Promise<(readonly Lot[])[]> => {
  const filter = { sku: { $in: [...new Set(skus)] } } as Document
  const found = await records.find(filter as Filter<LotRecord>, { batchSize: 1_000 }).toArray()
  const lots = found.map(record => fromRecord(record as LotRecord)).sort((a, b) => a.lot - b.lot)
  const grouped = new Map<Sku, Lot[]>(skus.map(sku => [sku, []]))
  for (const lot of lots) grouped.get(lot.sku)?.push(lot)
  return skus.map(sku => grouped.get(sku) ?? [])
}

const fromRecord = ({ _id, ...lot }: LotRecord): Lot => lot

const operatorsOf = ({ holds, restocks = {}, ...numbers }: LotChange): Operators => {
  const entries = [...fieldsOf('holds', holds), ...fieldsOf('restocks', restocks)]
  const gone = entries.filter(([, entry]) => entry === null)
  return {
    $set: { ...numbers, ...Object.fromEntries(entries.filter(([, entry]) => entry !== null)) },
    ...(gone.length > 0 && { $unset: Object.fromEntries(gone.map(([field]) => [field, ''])) }),
  }
}

const fieldsOf = (
  name: string,
  entries: Readonly<Record<string, Hold | number | null>>,
): [string, Hold | number | null][] => Object.entries(entries).map(([id, entry]) => [`${name}.${id}`, entry])
