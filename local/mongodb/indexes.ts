import { MongoFailure } from './failure.ts'
import { type Filter, parseFilter } from './filter.ts'
import { type Key, keysOf } from './keys.ts'
import { type Sorted, sorted } from './sorted.ts'
import { compare, type Doc, show, type Value } from './value.ts'

/** A stored document with its place in every index of its collection. */
export type Stored = { id: Value; key: string; raw: Buffer; seq: number; places: Entry[][] }

export type Entry = { keys: Key[]; of: Stored }

/** An index over the fields of `pattern`. */
export type Index = {
  name: string
  spec: Doc
  paths: string[]
  sparse: boolean
  unique: boolean
  /** The conditions under which a document is in the index. */
  partial: Filter | undefined
  /** Once true for a document, a bound on one element says nothing about the others. */
  multikey: boolean
  entries: Sorted<Entry>
}

/** An empty index as its specification describes it. */
export const makeIndex = (spec: Doc): Index => {
  const partial = spec.get('partialFilterExpression')
  return {
    name: String(spec.get('name')),
    spec,
    paths: [...(spec.get('key') as Doc).keys()],
    sparse: spec.get('sparse') === true,
    unique: spec.get('unique') === true,
    partial: partial instanceof Map ? parseFilter(partial) : undefined,
    multikey: false,
    entries: sorted(compareEntries),
  }
}

/** The order within an index: by keys, then by age. */
export const compareEntries = (a: Entry, b: Entry): number =>
  compareKeys(a.keys, b.keys) || a.of.seq - b.of.seq

/** The order of keys; a shorter `b` compares as a prefix. */
export const compareKeys = (a: Key[], b: Key[]): number => {
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const order = compare(a[i], b[i])
    if (order !== 0) return order
  }
  return 0
}

/** The entries of a document in an index, without adding them. */
export const entriesFor = (index: Index, document: Doc, of: Stored): Entry[] => {
  if (index.partial !== undefined && !index.partial.matches(document)) return []
  const columns = index.paths.map(path => keysOf(document, path))
  if (index.sparse && columns.every(({ exists }) => !exists)) return []
  const arrays = columns.flatMap(({ multikey }, i) => (multikey ? [index.paths[i]] : []))
  if (arrays.length > 1)
    throw new MongoFailure(
      'CannotIndexParallelArrays',
      `cannot index parallel arrays [${arrays[1]}] [${arrays[0]}]`,
    )
  if (arrays.length > 0) index.multikey = true
  let tuples: Key[][] = [[]]
  for (const { values } of columns) tuples = tuples.flatMap(tuple => values.map(value => [...tuple, value]))
  const entries = tuples.sort(compareKeys).map(keys => ({ keys, of }))
  return entries.filter(({ keys }, i) => i === 0 || compareKeys(keys, entries[i - 1]?.keys ?? []) !== 0)
}

/**
 * Raises DuplicateKey when a unique index already has one of the entries for another document.
 * @throws MongoFailure
 */
export const refuseDuplicates = (index: Index, entries: Entry[], ns: string): void => {
  if (!index.unique) return
  for (const { keys, of } of entries)
    for (const found of index.entries.from(other => compareKeys(other.keys, keys) < 0)) {
      if (compareKeys(found.keys, keys) !== 0) break
      if (found.of !== of) throw duplicateKey(ns, index, keys)
    }
}

/** E11000 as MongoDB words it, with keyPattern and keyValue. */
export const duplicateKey = (ns: string, index: Index, keys: Key[]) => {
  const keyValue = new Map(index.paths.map((path, i) => [path, keys[i] ?? null]))
  return new MongoFailure(
    'DuplicateKey',
    `E11000 duplicate key error collection: ${ns} index: ${index.name} dup key: ${show(keyValue)}`,
    { keyPattern: index.spec.get('key') as Doc, keyValue },
  )
}
