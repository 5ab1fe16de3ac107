import { toJs } from '../bson/document.ts'
import { refuse } from '../failure.ts'
import { cursorAnswer, type Raw } from '../protocol/answer.ts'
import {
  type Call,
  count,
  document,
  fieldsOf,
  flag,
  list,
  namespace,
  number,
  required,
} from '../protocol/fields.ts'
import { parseFilter, topField } from '../query/filter.ts'
import { byId, countMatching, find } from '../query/finding.ts'
import type { Stored } from '../query/indexes.ts'
import type { Sort } from '../query/plan.ts'
import type { Rest } from './cursors.ts'

const unlimited = Number.POSITIVE_INFINITY

export const findCommand = (call: Call): Buffer => {
  const ns = namespace(call)
  const filter = parseFilter(document(call, 'filter'))
  const sort = sortOf(call)
  const collection = call.storage.collection(ns)
  const found = find(collection, filter, count(call, 'limit') || unlimited, sort)
  // Documents that are named are there for good, so only what became of them last has to be on disk. Else one
  // may be missing by a change.
  const named = byId(filter) !== undefined && filter.length === 1
  call.waitsFor = named ? lastChangeOf(found, collection.since) : collection.changedAt
  const rest = { ns, documents: found.map(({ slot }) => slot), waitsFor: call.waitsFor }
  return answer(call, 'firstBatch', rest, count(call, 'batchSize') ?? 101, copyOf)
}

const lastChangeOf = (found: readonly Stored[], since: number): number =>
  found.reduce((last, { changedAt }) => Math.max(last, changedAt), since)

// What waits for `getMore` stays as it was.
const copyOf = ({ bytes, at }: Raw): Raw => ({
  bytes: Buffer.from(bytes.subarray(at, at + bytes.readInt32LE(at))),
  at: 0,
})

const sortOf = (call: Call): Sort | undefined => {
  const [first, second] = [...(fieldsOf(call, 'sort') ?? [])]
  if (first === undefined) return undefined
  const direction = toJs(first[1])
  if (second || (direction !== 1 && direction !== -1))
    refuse('NotImplemented', 'The embedded server sorts by one field, with 1 or -1')
  return { field: topField(first[0]).text, descending: direction === -1 }
}

export const countCommand = (call: Call): object => {
  const collection = call.storage.collection(namespace(call))
  const filter = parseFilter(document(call, 'query'))
  // As in MongoDB, a negative limit counts for its size and 0 is none.
  const limit = Math.abs(number(call, 'limit') ?? 0) || unlimited
  call.waitsFor = collection.changedAt
  return { n: countMatching(collection, filter, limit) }
}

const keptCursors = 1_000
let lastCursor = 0n

// The next documents of a result, with a cursor for what they leave. The oldest cursors go when there are too
// many.
const answer = (
  call: Call,
  batch: string,
  rest: Rest,
  size: number,
  keep: (document: Raw) => Raw,
): Buffer => {
  const { ns, documents } = rest
  const { cursors } = call.storage
  const end = batchEnd(documents, size)
  const left = end < documents.length && !flag(call, 'singleBatch')
  if (left) {
    lastCursor += 1n
    cursors.set(lastCursor, { ...rest, documents: documents.slice(end).map(keep) })
    for (const id of cursors.keys()) if (cursors.size > keptCursors) cursors.delete(id)
  }
  return cursorAnswer(batch, documents.slice(0, end), left ? lastCursor : 0n, ns)
}

const maxBatchBytes = 16 * 1024 * 1024

// A batch takes at most 16 MiB of documents, or one.
const batchEnd = (documents: readonly Raw[], size: number): number => {
  let bytes = 0
  for (const [i, document] of documents.entries()) {
    bytes += document.bytes.readInt32LE(document.at)
    if (i >= size || (i > 0 && bytes > maxBatchBytes)) return i
  }
  return documents.length
}

const idOf = (value: unknown): bigint => BigInt(String(value))

export const getMoreCommand = (call: Call): Buffer => {
  const id = idOf(toJs(call.fields.get('getMore')))
  const rest = call.storage.cursors.get(id)
  if (rest?.ns !== namespace(call, 'collection')) return refuse('CursorNotFound', `cursor id ${id} not found`)
  call.storage.cursors.delete(id)
  call.waitsFor = rest.waitsFor
  return answer(call, 'nextBatch', rest, count(call, 'batchSize') || unlimited, document => document)
}

export const killCursorsCommand = (call: Call): object => {
  const ids = required(call, 'cursors', list(call, 'cursors')).map(id => idOf(toJs(id)))
  const cursorsKilled = ids.filter(id => call.storage.cursors.delete(id))
  const cursorsNotFound = ids.filter(id => !cursorsKilled.includes(id))
  call.waitsFor = 0
  return { cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [] }
}
