import { find } from './collection.ts'
import { docOf, encode, spanOf, toJs } from './document.ts'
import { refuse } from './failure.ts'
import { type Call, count, document, flag, list, namespace, required } from './fields.ts'
import { parseFilter, refusePath } from './filter.ts'

const unlimited = Number.POSITIVE_INFINITY

export const findCommand = (call: Call): Buffer => {
  const ns = namespace(call)
  const filter = parseFilter(document(call, 'filter') ?? new Map())
  const sort = sortOf(call)
  const found = find(call.storage.collection(ns), filter, count(call, 'limit') || unlimited, sort)
  const documents = found.map(({ stored }) => stored.raw)
  return answer(call, 'firstBatch', { ns, documents }, count(call, 'batchSize') ?? 101)
}

const sortOf = (call: Call): string | undefined => {
  const [first, second] = [...(document(call, 'sort') ?? [])]
  if (first === undefined) return undefined
  if (second || toJs(first[1]) !== 1)
    refuse('NotImplemented', 'The embedded server sorts by one field, ascending')
  refusePath(first[0])
  return first[0]
}

/** Results that wait for `getMore`, by the id of their cursor. */
export type Cursors = Map<bigint, Rest>
type Rest = { ns: string; documents: Buffer[] }

const keptCursors = 1_000
let lastCursor = 0n

// The next documents of a result, with a cursor for what they leave. The oldest cursors go when there are too many.
const answer = (call: Call, batch: string, { ns, documents }: Rest, size: number): Buffer => {
  const { cursors } = call.storage
  const end = batchEnd(documents, size)
  const left = end < documents.length && !flag(call, 'singleBatch')
  if (left) {
    lastCursor += 1n
    cursors.set(lastCursor, { ns, documents: documents.slice(end) })
    for (const id of cursors.keys()) if (cursors.size > keptCursors) cursors.delete(id)
  }
  const cursor = docOf({ id: left ? lastCursor : 0n, ns })
  cursor.set(batch, documents.slice(0, end).map(spanOf))
  return encode(new Map([['cursor', cursor], ...docOf({ ok: 1 })]))
}

const maxBatchBytes = 16 * 1024 * 1024

// A batch takes at most 16 MiB of documents, or one.
const batchEnd = (documents: Buffer[], size: number): number => {
  let bytes = 0
  const end = documents.slice(0, size).findIndex((document, i) => {
    bytes += document.length
    return i > 0 && bytes > maxBatchBytes
  })
  return end < 0 ? Math.min(size, documents.length) : end
}

const idOf = (value: unknown): bigint => BigInt(String(value))

export const getMoreCommand = (call: Call): Buffer => {
  const id = idOf(toJs(call.fields.get('getMore')))
  const rest = call.storage.cursors.get(id)
  if (rest?.ns !== namespace(call, 'collection')) return refuse('CursorNotFound', `cursor id ${id} not found`)
  call.storage.cursors.delete(id)
  return answer(call, 'nextBatch', rest, count(call, 'batchSize') || unlimited)
}

export const killCursorsCommand = (call: Call): object => {
  const ids = required(call, 'cursors', list(call, 'cursors')).map(id => idOf(toJs(id)))
  const cursorsKilled = ids.filter(id => call.storage.cursors.delete(id))
  const cursorsNotFound = ids.filter(id => !cursorsKilled.includes(id))
  return { cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [] }
}
