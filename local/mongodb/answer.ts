import { type Document, Double, serialize } from 'bson'
import type { MongoFailure } from './failure.ts'

const bson = (fields: Document): Buffer => {
  const bytes = serialize(fields)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** `fields` and `ok: 1`; whole numbers become int32, bigints int64. */
export const ok = (fields: Document = {}): Buffer => bson({ ...fields, ok: new Double(1) })

/** The answer to a command that failed as a whole. */
export const failed = ({ message, code, codeName, facts }: MongoFailure): Buffer =>
  bson({ ok: new Double(0), errmsg: message, code, codeName, ...facts })

const closing = Buffer.alloc(1)

const wrap = (parts: Buffer[]): Buffer => {
  const length = Buffer.alloc(4)
  const whole = Buffer.concat([length, ...parts])
  whole.writeInt32LE(whole.length, 0)
  return whole
}

/** `{cursor: {<batch>: documents, id, ns}, ok: 1}` around documents that are BSON already. */
export const cursorAnswer = (
  batch: 'firstBatch' | 'nextBatch',
  documents: readonly Buffer[],
  id: bigint,
  ns: string,
): Buffer => {
  const elements = documents.flatMap((raw, i) => [Buffer.from(`\x03${i}\0`), raw])
  const cursor = wrap([
    Buffer.from(`\x04${batch}\0`),
    wrap([...elements, closing]),
    bson({ id, ns }).subarray(4),
  ])
  return wrap([Buffer.from('\x03cursor\0'), cursor, ok().subarray(4)])
}
