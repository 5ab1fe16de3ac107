import { EJSON } from 'bson'
import { asArray, asDoc, type Doc, toJs } from './document.ts'
import { MongoFailure, refuse } from './failure.ts'
import { type Filter, matches, parseFilter } from './filter.ts'
import { compareRows, type Key, keysOf } from './order.ts'
import { type Sorted, sorted } from './sorted.ts'

/** A stored document with its entries in every index of its collection. */
export type Stored = { raw: Buffer; seq: number; entries: Entry[][] }
export type Entry = { keys: Key[]; of: Stored }

/** An index over some fields. */
export type Index = {
  spec: Doc
  name: string
  fields: string[]
  sparse: boolean
  unique: boolean
  /** The conditions under which a document is in the index. */
  partial: Filter
  /** Once true for a document, an order of entries is none of documents. */
  multikey: boolean
  entries: Sorted<Entry>
}

/** An empty index as its specification describes it. */
export const makeIndex = (spec: Doc): Index => ({
  spec,
  name: String(toJs(spec.get('name'))),
  fields: [...(asDoc(spec.get('key'))?.keys() ?? [])],
  sparse: toJs(spec.get('sparse')) === true,
  unique: toJs(spec.get('unique')) === true,
  partial: parseFilter(asDoc(spec.get('partialFilterExpression')) ?? new Map()),
  multikey: false,
  entries: sorted((a, b) => compareRows(a.keys, b.keys) || a.of.seq - b.of.seq),
})

/**
 * The entries of a document in an index, in order, without adding them.
 * @throws MongoFailure CannotIndexParallelArrays, DuplicateKey when another document has one of them in a unique index
 */
export const entriesFor = (index: Index, document: Doc, of: Stored, ns: string): Entry[] => {
  const { fields, sparse, partial, unique } = index
  if (!matches(partial, document) || (sparse && !fields.some(field => document.has(field)))) return []
  const arrays = fields.filter(field => asArray(document.get(field)) !== undefined)
  if (arrays.length > 1) refuse('CannotIndexParallelArrays', `cannot index parallel arrays [${arrays}]`)
  index.multikey ||= arrays.length > 0
  let rows: Key[][] = [[]]
  for (const field of fields) rows = withColumn(rows, keysOf(document.get(field)))
  if (unique) for (const [i, keys] of rows.entries()) refuseTaken(index, keys, of, ns, document, i)
  rows.sort(compareRows)
  return rows
    .filter((keys, i) => i === 0 || compareRows(keys, rows[i - 1] ?? []) !== 0)
    .map(keys => ({ keys, of }))
}

const withColumn = (rows: Key[][], keys: Key[]): Key[][] =>
  rows.flatMap(row => keys.map(key => [...row, key]))

const refuseTaken = (index: Index, keys: Key[], of: Stored, ns: string, document: Doc, row: number): void => {
  for (const found of index.entries.from(other => compareRows(other.keys, keys) < 0)) {
    if (compareRows(found.keys, keys) !== 0) return
    if (found.of !== of) throw duplicateKey(index, ns, document, row)
  }
}

// E11000 as MongoDB words it. At most one of the fields is an array, whose element `row` is the one.
const duplicateKey = (
  { name, spec, fields }: Index,
  ns: string,
  document: Doc,
  row: number,
): MongoFailure => {
  const values = fields.map(field => {
    const value = document.get(field)
    return [field, toJs(asArray(value)?.[row] ?? value, true) ?? null] as const
  })
  const shown = values.map(([field, value]) => `${field}: ${EJSON.stringify(value)}`).join(', ')
  const message = `E11000 duplicate key error collection: ${ns} index: ${name} dup key: { ${shown} }`
  const facts = { keyPattern: toJs(spec.get('key')), keyValue: Object.fromEntries(values) }
  return new MongoFailure('DuplicateKey', message, facts)
}
