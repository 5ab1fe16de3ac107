import { EJSON } from 'bson'
import { asArray, asDoc, type Doc, decode, type Span, spanAt, toJs } from '../bson/document.ts'
import { columnOf, type Key, keysOf } from '../bson/order.ts'
import { type FieldName, fieldAt } from '../bson/walk.ts'
import { MongoFailure, refuse } from '../failure.ts'
import { type Filter, matches, parseFilter, topField } from './filter.ts'
import type { Slot } from './slots.ts'
import { type Entry, Sorted } from './sorted.ts'

/** A stored document. */
export type Stored = {
  slot: Slot
  /** Documents are numbered in the order in which they came, all of a data folder. */
  readonly number: number
  /** The key of its `_id`. */
  readonly key: Key
  /** Its entries in all indexes but that of `_id`. */
  entries: readonly IndexEntry[]
  /** The position in the journal of its last change. */
  changedAt: number
  /** The number of the last compaction that has it in the new journal. */
  compaction: number
}
export type IndexEntry = Entry<Stored> & { readonly index: Index | undefined }

/** An index over some fields. */
export type Index = {
  spec: Doc
  /** The specification as it came. */
  bytes: Buffer
  name: string
  fields: readonly FieldName[]
  sparse: boolean
  unique: boolean
  /** The conditions under which a document is in the index. */
  partial: Filter
  /** The fields that decide about its entries. */
  watched: readonly FieldName[]
  /** The fields that an array was in, once: their order of entries is none of documents. */
  arrays: Set<string>
  entries(): Sorted<Stored, IndexEntry>
}

/** An empty index as its specification describes it, which is a document of its own. */
export const makeIndex = (bytes: Buffer, entries = new Sorted<Stored, IndexEntry>()): Index => {
  const spec = decode(bytes)
  const fields = [...(asDoc(spec.get('key'))?.keys() ?? [])].map(topField)
  const partial = parseFilter(spec.get('partialFilterExpression') as Span | undefined)
  return {
    spec,
    bytes,
    name: String(toJs(spec.get('name'))),
    fields,
    sparse: toJs(spec.get('sparse')) === true,
    unique: toJs(spec.get('unique')) === true,
    partial,
    watched: [...fields, ...partial.map(({ field }) => field)],
    arrays: new Set(),
    entries: () => entries,
  }
}

const none: Key[] = []

/**
 * The keys that the document at `at` has in an index, in order.
 * @throws MongoFailure CannotIndexParallelArrays, DuplicateKey when another document than `of` has one of
 * them in a unique index
 */
export const rowsFor = (index: Index, bytes: Buffer, at: number, of: Stored, ns: string): Key[] => {
  const { fields, sparse, partial, unique } = index
  if (!matches(partial, bytes, at)) return none
  const values = fields.map(field => valueAt(bytes, at, field))
  if (sparse && values.every(value => value === undefined)) return none
  refuseParallel(index, values)
  let rows: Key[] = ['']
  for (const value of values) rows = withColumn(rows, keysOf(value))
  if (unique)
    for (const [i, row] of rows.entries())
      if (isTaken(index, row, of)) throw duplicateKey(index, ns, values, i)
  return rows.length === 1 ? rows : [...new Set(rows)].sort()
}

const valueAt = (bytes: Buffer, at: number, field: FieldName): Span | undefined => {
  const walk = fieldAt(bytes, at, field)
  return walk && spanAt(walk)
}

const refuseParallel = (index: Index, values: readonly (Span | undefined)[]): void => {
  const arrays = index.fields.filter((_, i) => values[i]?.type === 4)
  if (arrays.length > 1)
    refuse('CannotIndexParallelArrays', `cannot index parallel arrays [${arrays.map(({ text }) => text)}]`)
  for (const { text } of arrays) index.arrays.add(text)
}

const withColumn = (rows: readonly Key[], keys: readonly Key[]): Key[] => {
  const longer: Key[] = []
  for (const row of rows) for (const key of keys) longer.push(row + columnOf(key))
  return longer
}

const isTaken = (index: Index, row: Key, of: Stored): boolean => {
  let taken = false
  index.entries().visit(row, `${row}\0`, entry => {
    taken = entry.of !== of
    return !taken
  })
  return taken
}

/** Gives a document these keys in an index, in the place of those that it had. */
export const exchange = (index: Index, of: Stored, rows: readonly Key[]): void => {
  const old = of.entries.filter(entry => entry.index === index)
  if (old.length === rows.length && old.every(({ key }, i) => key === rows[i])) return
  const next = rows.map(key => ({ key, of, index }))
  for (const entry of old) index.entries().remove(entry)
  for (const entry of next) index.entries().add(entry)
  of.entries = [...of.entries.filter(entry => entry.index !== index), ...next]
}

/** E11000 as MongoDB words it. At most one of the values is an array, whose element `row` is the one. */
export const duplicateKey = (
  { name, spec, fields }: Index,
  ns: string,
  values: readonly (Span | undefined)[],
  row: number,
): MongoFailure => {
  const told = fields.map(({ text }, i) => {
    const value = values[i]
    return [text, toJs(asArray(value)?.[row] ?? value, true) ?? null] as const
  })
  const shown = told.map(([field, value]) => `${field}: ${EJSON.stringify(value)}`).join(', ')
  const message = `E11000 duplicate key error collection: ${ns} index: ${name} dup key: { ${shown} }`
  const facts = { keyPattern: toJs(spec.get('key')), keyValue: Object.fromEntries(told) }
  return new MongoFailure('DuplicateKey', message, facts)
}
