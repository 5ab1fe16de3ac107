import { ObjectId } from 'bson'
import { decode, docOf, encode, type Span, spanAt, spanOf } from '../bson/document.ts'
import { comparableKey, type Key, keyOf } from '../bson/order.ts'
import { fieldAt, nameOf, Walk } from '../bson/walk.ts'
import { refuse } from '../failure.ts'
import { topField } from '../query/filter.ts'
import { Ids } from '../query/ids.ts'
import {
  duplicateKey,
  exchange,
  type Index,
  type IndexEntry,
  makeIndex,
  rowsFor,
  type Stored,
} from '../query/indexes.ts'
import { makeSlots, type Slot, type Slots } from '../query/slots.ts'
import type { Branch } from '../update/change-tree.ts'
import type { Patch } from '../update/patch.ts'
import { patchOf } from '../update/update.ts'

const maxDocumentSize = 16 * 1024 * 1024

/** Told of every change, in order and after all checks. */
export type ChangeLog = {
  inserted(collection: Collection, stored: Stored): void
  patched(collection: Collection, stored: Stored, patch: Patch): void
  indexed(collection: Collection, index: Index): void
}

/** A collection in memory. */
export type Collection = {
  ns: string
  /** Its number in the journal. */
  number: number
  ids: Ids
  /** The index of `_id`, and the others. */
  indexes: [Index, ...Index[]]
  slots: Slots
  /** The next number that no document has. */
  nextNumber(): number
  log: ChangeLog
  /** The positions in the journal of the last change, and of what was there before under its name. */
  changedAt: number
  since: number
}

/** What the collections of a data folder have in common. */
export type Shared = Pick<Collection, 'nextNumber' | 'slots' | 'log' | 'since'>

/** A collection without documents. */
export const makeCollection = (ns: string, number: number, shared: Shared): Collection => {
  const ids = new Ids()
  const spec = encode(docOf({ key: { _id: 1 }, name: '_id_', unique: true }) as Map<string, Span>)
  const index = { ...makeIndex(spec), entries: () => ids.entries() }
  return { ns, number, ids, indexes: [index], changedAt: shared.since, ...shared }
}

/** What a collection has for itself when nobody else shares it and nothing is kept. */
export const unshared = (): Shared => {
  let number = 0
  const log = { inserted: () => {}, patched: () => {}, indexed: () => {} }
  return { nextNumber: () => number++, slots: makeSlots(), log, since: 0 }
}

/** All documents, in the order of `_id`. */
export const everyDocument = ({ ids }: Collection): Stored[] => {
  const all: Stored[] = []
  ids.entries().visit('', '\xff', ({ of }) => all.push(of) > 0)
  return all
}

/** The bytes of a document, good until the next change. */
export const bytesOf = ({ slot: { bytes, at } }: Stored): Buffer =>
  bytes.subarray(at, at + bytes.readInt32LE(at))

const idField = topField('_id')

/** The `_id` of the document at `at`. */
export const idIn = (bytes: Buffer, at: number): Span | undefined => {
  const walk = fieldAt(bytes, at, idField)
  return walk && spanAt(walk)
}

/**
 * Adds a document, with an `_id` if it has none, in front.
 * @throws MongoFailure DuplicateKey and for what MongoDB does not store
 */
export const insert = (collection: Collection, document: Span): Stored => {
  const { bytes, at, end } = withId(document)
  if (end - at > maxDocumentSize)
    refuse('BadValue', `object to insert too large. size in bytes: ${end - at}, max size: ${maxDocumentSize}`)
  const { ids, indexes, slots, ns, log } = collection
  const id = idIn(bytes, at)
  const key = comparableKey(id)
  if (ids.byKey.has(key)) throw duplicateKey(indexes[0], ns, [id], 0)
  const slot = slots.take(end - at)
  bytes.copy(slot.bytes, slot.at, at, end)
  const stored = newStored(collection.nextNumber(), key, slot)
  giving(slots, slot, () => reindex(collection, indexes.slice(1), stored, slot))
  ids.add(stored)
  log.inserted(collection, stored)
  return stored
}

export const newStored = (number: number, key: Key, slot: Slot): Stored => ({
  slot,
  number,
  key,
  entries: none,
  changedAt: 0,
  compaction: 0,
})
const none: readonly IndexEntry[] = []

/**
 * The document with its `_id` in front, all its fields looked at. @throws MongoFailure InvalidIdField for an
 * array
 */
const withId = (document: Span): Span => {
  const walk = new Walk(document.bytes, document.at)
  const first = walk.next() && nameOf(walk) === '_id'
  if (first) refuseArray(walk.type)
  for (let more = true; more; ) more = walk.next()
  return first ? document : withIdInFront(document)
}

const refuseArray = (type: number): void => {
  if (type === 4) refuse('InvalidIdField', "The '_id' value cannot be of type array")
}

const withIdInFront = ({ bytes, at }: Span): Span => {
  const fields = decode(bytes, at) as Map<string, Span>
  const id = fields.get('_id') ?? (docOf({ _id: new ObjectId() }).get('_id') as Span)
  refuseArray(id.type)
  return spanOf(encode(new Map([['_id', id], ...fields])))
}

/**
 * Applies an update to a document; false when it stays the same.
 * @throws MongoFailure DuplicateKey and for what MongoDB does not store; nothing is changed then
 */
export const update = (collection: Collection, stored: Stored, changes: Branch): boolean => {
  const { slot } = stored
  const patch = patchOf(changes, slot.bytes, slot.at, false)
  if (patch.count === 0) return false
  const size = slot.bytes.readInt32LE(slot.at) + patch.growth
  if (size > maxDocumentSize)
    refuse('Location17419', `Resulting document after update is larger than ${maxDocumentSize}`)
  const next = collection.slots.take(size)
  patch.apply(slot.bytes, slot.at, next.bytes, next.at)
  giving(collection.slots, next, () => {
    if (changes.has(idField)) refuseOtherId(stored.key, next.bytes, next.at)
    const touched = collection.indexes
      .slice(1)
      .filter(({ watched }) => watched.some(field => changes.has(field)))
    reindex(collection, touched, stored, next)
  })
  stored.slot = next
  collection.slots.give(slot)
  collection.log.patched(collection, stored, patch)
  return true
}

// The slot goes back when what is done with it fails.
const giving = (slots: Slots, slot: Slot, work: () => void): void => {
  try {
    work()
  } catch (error) {
    slots.give(slot)
    throw error
  }
}

// Every index has its say before the first is changed.
const reindex = (
  { ns }: Collection,
  indexes: readonly Index[],
  stored: Stored,
  { bytes, at }: Slot,
): void => {
  const rows = indexes.map(index => rowsFor(index, bytes, at, stored, ns))
  for (const [i, index] of indexes.entries()) exchange(index, stored, rows[i] ?? [])
}

const refuseOtherId = (key: Key, bytes: Buffer, at: number): void => {
  const id = idIn(bytes, at)
  if (id === undefined || keyOf(id) !== key)
    refuse('ImmutableField', "Performing an update on the path '_id' would modify the immutable field '_id'")
}

/**
 * Inserts what an upsert makes of the fields that its filter fixes. @throws MongoFailure as `insert` and
 * `update` do
 */
export const upsert = (collection: Collection, base: Buffer, changes: Branch): Stored => {
  const patch = patchOf(changes, base, 0, true)
  const made = Buffer.allocUnsafe(base.length + patch.growth)
  patch.apply(base, 0, made, 0)
  const id = idIn(base, 0)
  if (id !== undefined) refuseOtherId(keyOf(id), made, 0)
  return insert(collection, spanOf(made))
}

/**
 * Builds an index over what is there; it is kept from the call of the returned function on.
 * @throws MongoFailure DuplicateKey
 */
export const buildIndex = (collection: Collection, spec: Buffer): (() => void) => {
  const index = makeIndex(spec)
  const built: IndexEntry[] = []
  for (const of of collection.ids.byKey.values())
    for (const key of rowsFor(index, of.slot.bytes, of.slot.at, of, collection.ns)) {
      const entry = { key, of, index }
      index.entries().add(entry)
      built.push(entry)
    }
  return () => {
    collection.indexes.push(index)
    for (const entry of built) entry.of.entries = [...entry.of.entries, entry]
    collection.log.indexed(collection, index)
  }
}
