import { ObjectId } from 'bson'
import { asArray, type Doc, decode, docOf, encode, type Value } from './document.ts'
import { refuse } from './failure.ts'
import { type Filter, matches } from './filter.ts'
import { type Entry, entriesFor, type Index, makeIndex, type Stored } from './indexes.ts'
import { compare, compareRows, keysOf, lowest } from './order.ts'
import { candidates, choosePlan } from './plan.ts'

const maxDocumentSize = 16 * 1024 * 1024

/** One change of a collection, as it goes into the journal. */
export type Change = { op: 'put' | 'index' | 'drop'; body: Buffer }

/** A collection in memory: documents as BSON in its indexes, of which `_id_` is the first and holds all. */
export type Collection = {
  ns: string
  indexes: [Index, ...Index[]]
  nextSeq: number
  /** Told of every change, in order and after all checks. */
  changed(change: Change): void
}

/** A document that was found, decoded afresh: what is done to it stays the finder's. */
export type Found = { stored: Stored; document: Doc }

export const makeCollection = (ns: string, changed: Collection['changed']): Collection => {
  const ids = makeIndex(docOf({ key: { _id: 1 }, name: '_id_', unique: true }))
  return { ns, indexes: [ids], nextSeq: 0, changed }
}

/** All documents, in the order of `_id`. */
export const everyDocument = ({ indexes: [ids] }: Collection): Stored[] =>
  [...ids.entries.from(() => false)].map(({ of }) => of)

/**
 * Adds a document, with an `_id` if it has none, in front. Returns its `_id`.
 * @throws MongoFailure DuplicateKey and for what MongoDB does not store
 */
export const insert = (collection: Collection, document: Doc): Value | undefined => {
  const complete = new Map([...docOf({ _id: new ObjectId() }), ...document])
  const id = complete.get('_id')
  if (asArray(id)) refuse('InvalidIdField', "The '_id' value cannot be of type array")
  const raw = encode(complete)
  if (raw.length > maxDocumentSize)
    refuse(
      'BadValue',
      `object to insert too large. size in bytes: ${raw.length}, max size: ${maxDocumentSize}`,
    )
  place(collection, { raw, seq: collection.nextSeq++, entries: [] }, complete, raw)
  return id
}

/**
 * Puts the document in the place of `old`; false when it is the same.
 * @throws MongoFailure DuplicateKey and for what MongoDB does not store
 */
export const replace = (collection: Collection, old: Stored, document: Doc): boolean => {
  const raw = encode(document)
  if (raw.length > maxDocumentSize)
    refuse('Location17419', `Resulting document after update is larger than ${maxDocumentSize}`)
  if (raw.equals(old.raw)) return false
  place(collection, old, document, raw)
  return true
}

// Every index has its say before the first is changed.
const place = (collection: Collection, stored: Stored, document: Doc, raw: Buffer): void => {
  const { indexes, ns, changed } = collection
  const entries = indexes.map(index => entriesFor(index, document, stored, ns))
  stored.entries = indexes.map((index, i) => exchange(index, stored.entries[i] ?? [], entries[i] ?? []))
  stored.raw = raw
  changed({ op: 'put', body: raw })
}

const exchange = (index: Index, old: Entry[], next: Entry[]): Entry[] => {
  const same = old.every(({ keys }, i) => compareRows(keys, next[i]?.keys ?? []) === 0)
  if (same && old.length === next.length) return old
  for (const entry of old) index.entries.remove(entry)
  for (const entry of next) index.entries.add(entry)
  return next
}

/** The documents that match, in ascending order of the field `sort`, at most `limit`. */
export const find = (collection: Collection, filter: Filter, limit: number, sort?: string): Found[] => {
  const plan = choosePlan(collection.indexes, filter, sort)
  const sorting = sort !== undefined && !plan.sorted
  const found: Found[] = []
  for (const stored of candidates(plan)) {
    if (found.length >= limit && !sorting) break
    const document = decode(stored.raw)
    if (matches(filter, document)) found.push({ stored, document })
  }
  return sorting ? sortedBy(sort, found).slice(0, limit) : found
}

// An array counts by its lowest element.
const sortedBy = (field: string, found: Found[]): Found[] =>
  found
    .map(one => ({ one, key: keysOf(one.document.get(field)).sort(compare)[0] ?? lowest }))
    .sort((a, b) => compare(a.key, b.key))
    .map(({ one }) => one)

/**
 * Builds an index over what is there; it is kept from the call of the returned function on.
 * @throws MongoFailure DuplicateKey
 */
export const buildIndex = (collection: Collection, spec: Doc): (() => void) => {
  const index = makeIndex(spec)
  const built = everyDocument(collection).map(stored => {
    const entries = entriesFor(index, decode(stored.raw), stored, collection.ns)
    return { stored, entries: exchange(index, [], entries) }
  })
  return () => {
    collection.indexes.push(index)
    for (const { stored, entries } of built) stored.entries.push(entries)
    collection.changed({ op: 'index', body: encode(spec) })
  }
}
