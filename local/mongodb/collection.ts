import { ObjectId } from 'bson'
import { decode, encode } from './document.ts'
import { MongoFailure } from './failure.ts'
import type { Clause, Filter } from './filter.ts'
import {
  compareEntries,
  compareKeys,
  duplicateKey,
  type Entry,
  entriesFor,
  type Index,
  makeIndex,
  refuseDuplicates,
  type Stored,
} from './indexes.ts'
import { documentOrder } from './keys.ts'
import { choosePlan } from './plan.ts'
import { sorted } from './sorted.ts'
import { type Doc, keyOf, typeName, type Value } from './value.ts'

const maxDocumentSize = 16 * 1024 * 1024

/** One change of a collection, as it goes into the journal. */
export type Change = { op: 'put' | 'remove' | 'index' | 'create' | 'drop'; body: Buffer }

/** A collection in memory: documents as BSON by `_id`, its indexes, and where its changes are reported, in order and after every check. */
export type Collection = {
  ns: string
  documents: Map<string, Stored>
  indexes: Index[]
  /** The order of `_id`, kept from the first time that someone asks for it. */
  idOrder: Index | undefined
  nextSeq: number
  changed(change: Change): void
}

/** A document that was found, decoded afresh: what is done to it stays the finder's. */
export type Found = { stored: Stored; document: Doc }

/** An empty collection. */
export const makeCollection = (ns: string, changed: Collection['changed']): Collection => ({
  ns,
  documents: new Map(),
  indexes: [],
  idOrder: undefined,
  nextSeq: 0,
  changed,
})

/**
 * Adds a document, with an `_id` if it has none, in front. Returns its `_id`.
 * @throws MongoFailure DuplicateKey and for what MongoDB does not store
 */
export const insert = (collection: Collection, document: Doc): Value => {
  const complete = withId(document)
  const id = complete.get('_id') ?? null
  const key = keyOf(id)
  const raw = encode(complete)
  if (raw.length > maxDocumentSize)
    throw new MongoFailure(
      'BadValue',
      `object to insert too large. size in bytes: ${raw.length}, max size: ${maxDocumentSize}`,
    )
  if (collection.documents.has(key)) throw duplicateKey(collection.ns, emptyIdOrder, [id])
  const stored: Stored = { id, key, raw, seq: collection.nextSeq++, places: [] }
  putIn(collection, stored, raw, checkedPlaces(collection, stored, complete))
  collection.documents.set(key, stored)
  collection.idOrder?.entries.add({ keys: [id], of: stored })
  collection.changed({ op: 'put', body: raw })
  return id
}

/**
 * Puts the document in the place of `old`, or reports that it is the same.
 * @throws MongoFailure DuplicateKey and for what MongoDB does not store
 */
export const replace = (collection: Collection, old: Stored, document: Doc): 'changed' | 'same' => {
  const raw = encode(document)
  if (raw.length > maxDocumentSize)
    throw new MongoFailure(
      'Location17419',
      `Resulting document after update is larger than ${maxDocumentSize}`,
    )
  if (raw.equals(old.raw)) return 'same'
  const places = checkedPlaces(collection, old, document)
  takeOut(collection, old)
  putIn(collection, old, raw, places)
  collection.changed({ op: 'put', body: raw })
  return 'changed'
}

/** Removes a stored document. */
export const remove = (collection: Collection, old: Stored): void => {
  takeOut(collection, old)
  collection.documents.delete(old.key)
  const place = collection.idOrder?.entries.from(entry => compareKeys(entry.keys, [old.id]) < 0).next().value
  if (place !== undefined) collection.idOrder?.entries.remove(place)
  collection.changed({ op: 'remove', body: encode(new Map([['_id', old.id]])) })
}

const unsorted: Doc = new Map()

/** The documents that match, in the order of `sort`, at most `limit`. */
export const find = (
  collection: Collection,
  filter: Filter,
  { sort = unsorted, limit = Number.POSITIVE_INFINITY }: { sort?: Doc | undefined; limit?: number } = {},
): Found[] => {
  const candidates = candidatesFor(collection, filter.clauses, sort)
  const sorting = sort.size > 0 && !candidates.sorted
  const enough = sorting ? Number.POSITIVE_INFINITY : limit
  const found: Found[] = []
  for (const stored of candidates.stored) {
    if (found.length >= enough) break
    const document = decode(stored.raw)
    if (filter.matches(document)) found.push({ stored, document })
  }
  if (!sorting) return found
  const order = documentOrder(sort)
  return found.sort((a, b) => order(a.document, b.document)).slice(0, limit)
}

/**
 * Builds an index over what is there; it is kept from the call of the returned function on.
 * @throws MongoFailure DuplicateKey
 */
export const buildIndex = (collection: Collection, spec: Doc): (() => void) => {
  const index = makeIndex(spec)
  const added: [Stored, Entry[]][] = []
  for (const stored of collection.documents.values()) {
    const own = entriesFor(index, decode(stored.raw), stored)
    refuseDuplicates(index, own, collection.ns)
    for (const entry of own) index.entries.add(entry)
    added.push([stored, own])
  }
  return () => {
    collection.indexes.push(index)
    for (const [stored, own] of added) stored.places.push(own)
    collection.changed({ op: 'index', body: encode(spec) })
  }
}

const checkedPlaces = ({ indexes, ns }: Collection, stored: Stored, document: Doc): Stored['places'] => {
  const places = indexes.map(index => entriesFor(index, document, stored))
  for (const [i, index] of indexes.entries()) refuseDuplicates(index, places[i] ?? [], ns)
  return places
}

const takeOut = ({ indexes }: Collection, { places }: Stored): void => {
  for (const [i, index] of indexes.entries()) for (const entry of places[i] ?? []) index.entries.remove(entry)
}

const putIn = ({ indexes }: Collection, stored: Stored, raw: Buffer, places: Stored['places']): void => {
  stored.raw = raw
  stored.places = places
  for (const [i, index] of indexes.entries()) for (const entry of places[i] ?? []) index.entries.add(entry)
}

const candidatesFor = (
  collection: Collection,
  clauses: readonly Clause[],
  sort: Doc,
): { stored: Iterable<Stored>; sorted: boolean } => {
  const { documents, indexes } = collection
  const ids = idsIn(clauses)
  if (ids !== undefined)
    return { stored: [...new Set(ids.map(keyOf))].flatMap(key => documents.get(key) ?? []), sorted: false }
  const wantsIdOrder = sort.keys().next().value === '_id' || clauses.some(({ path }) => path === '_id')
  const idOrder = wantsIdOrder ? [collection.idOrder ?? emptyIdOrder] : []
  const plan = choosePlan([...indexes, ...idOrder], clauses, sort)
  if (plan === undefined) return { stored: documents.values(), sorted: false }
  const index = filled(collection, plan.index)
  const found = new Set<Stored>()
  for (const { before, past } of plan.stretches)
    for (const entry of index.entries.from(before)) {
      if (past(entry)) break
      found.add(entry.of)
    }
  const stored = [...found]
  return { stored: plan.sorted === 'backward' ? stored.reverse() : stored, sorted: plan.sorted !== undefined }
}

// The order of `_id` is filled when it is the way to go for the first time.
const filled = (collection: Collection, index: Index): Index => {
  if (index !== emptyIdOrder) return index
  const idOrder = { ...index, entries: sorted(compareEntries) }
  for (const of of collection.documents.values()) idOrder.entries.add({ keys: [of.id], of })
  collection.idOrder = idOrder
  return idOrder
}

const emptyIdOrder = makeIndex(
  new Map<string, Value>([
    ['name', '_id_'],
    ['key', new Map([['_id', 1]])],
  ]),
)

// The values `_id` is fixed to by the filter; undefined when it is not.
const idsIn = (clauses: readonly Clause[]): Value[] | undefined => {
  for (const { path, op, operand } of clauses) {
    if (path === '_id' && op === '$eq') return [operand]
    if (path === '_id' && op === '$in') return operand as Value[]
  }
  return undefined
}

const withId = (document: Doc): Doc => {
  const id = document.get('_id')
  if (id === undefined) return new Map([['_id', new ObjectId()], ...document])
  if (Array.isArray(id))
    throw new MongoFailure('InvalidIdField', `The '_id' value cannot be of type ${typeName(id)}`)
  const dollar = id instanceof Map ? [...id.keys()].find(name => name.startsWith('$')) : undefined
  if (dollar !== undefined)
    throw new MongoFailure(
      'DollarPrefixedFieldName',
      `_id fields may not contain '$'-prefixed fields: ${dollar} is not valid for storage.`,
    )
  if (document.keys().next().value === '_id') return document
  const rest = new Map(document)
  rest.delete('_id')
  return new Map([['_id', id], ...rest])
}
