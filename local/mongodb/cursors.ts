import { cursorAnswer } from './answer.ts'
import { MongoFailure } from './failure.ts'

/** Results that wait for `getMore`. */
export type Cursors = {
  /** The first batch, and a cursor for what it leaves. */
  open(ns: string, documents: readonly Buffer[], batchSize: number, single: boolean): Buffer
  more(id: bigint, ns: string, batchSize: number): Buffer
  /** False when there is no such cursor. */
  kill(id: bigint): boolean
}

const maxBatchBytes = 16 * 1024 * 1024
const keptCursors = 1_000

/** An empty set of cursors. The oldest of more than a thousand is dropped, as its client has most likely gone. */
export const makeCursors = (): Cursors => {
  const waiting = new Map<bigint, { ns: string; documents: readonly Buffer[]; at: number }>()
  let lastId = 0n
  const open: Cursors['open'] = (ns, documents, batchSize, single) => {
    const end = batchEnd(documents, 0, batchSize)
    const left = end < documents.length && !single
    if (left) {
      lastId += 1n
      waiting.set(lastId, { ns, documents, at: end })
      for (const id of waiting.keys()) if (waiting.size > keptCursors) waiting.delete(id)
    }
    return cursorAnswer('firstBatch', documents.slice(0, end), left ? lastId : 0n, ns)
  }
  const more: Cursors['more'] = (id, ns, batchSize) => {
    const cursor = waiting.get(id)
    if (cursor === undefined || cursor.ns !== ns)
      throw new MongoFailure('CursorNotFound', `cursor id ${id} not found`)
    const start = cursor.at
    cursor.at = batchEnd(cursor.documents, start, batchSize)
    const exhausted = cursor.at >= cursor.documents.length
    if (exhausted) waiting.delete(id)
    return cursorAnswer('nextBatch', cursor.documents.slice(start, cursor.at), exhausted ? 0n : id, ns)
  }
  return { open, more, kill: id => waiting.delete(id) }
}

// A batch takes at least one document and at most 16 MiB of them.
const batchEnd = (documents: readonly Buffer[], start: number, batchSize: number): number => {
  let end = start
  let bytes = 0
  while (end < documents.length && end - start < batchSize) {
    bytes += documents[end]?.length ?? 0
    if (bytes > maxBatchBytes && end > start) break
    end += 1
  }
  return end
}
