import { Binary, Double, ObjectId, serialize } from 'bson'
import { MongoFailure } from './failure.ts'
import type { Doc, Value } from './value.ts'

type Cursor = { bytes: Buffer; at: number }

/**
 * Reads one BSON document. Raises NotImplemented for a type that this server does not keep
 * (decimal, regular expression, timestamp, code …) and a RangeError for malformed bytes.
 */
export const decode = (bytes: Buffer, at = 0): Doc => readDocument({ bytes, at })

/** The document as BSON bytes that nothing else writes to. */
export const encode = (document: Doc): Buffer => {
  const bytes = serialize(document)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const readDocument = (from: Cursor): Doc => {
  const document: Doc = new Map()
  for (const end = readEnd(from); from.at < end; ) {
    const type = from.bytes[from.at++] ?? 0
    const name = readName(from)
    document.set(name, readValue(type, from))
  }
  from.at += 1
  return document
}

const readArray = (from: Cursor): Value[] => {
  const values: Value[] = []
  for (const end = readEnd(from); from.at < end; ) {
    const type = from.bytes[from.at++] ?? 0
    skipName(from)
    values.push(readValue(type, from))
  }
  from.at += 1
  return values
}

// Where the document's closing zero stands.
const readEnd = (from: Cursor): number => {
  const end = from.at + from.bytes.readInt32LE(from.at) - 1
  if (end < from.at + 4 || from.bytes[end] !== 0) throw new RangeError('a document ends where it must not')
  from.at += 4
  return end
}

const skipName = (from: Cursor): number => {
  const end = from.bytes.indexOf(0, from.at)
  if (end < 0) throw new RangeError('a field name does not end')
  from.at = end + 1
  return end
}

const readName = (from: Cursor): string => {
  const start = from.at
  return from.bytes.toString('utf8', start, skipName(from))
}

const take = (from: Cursor, length: number): number => {
  const start = from.at
  if (length < 0 || start + length > from.bytes.length) throw new RangeError('a value is cut off')
  from.at += length
  return start
}

const readString = (from: Cursor): string => {
  const length = from.bytes.readInt32LE(take(from, 4))
  const start = take(from, length)
  return from.bytes.toString('utf8', start, start + length - 1)
}

const readBinary = (from: Cursor): Binary => {
  const length = from.bytes.readInt32LE(take(from, 4))
  const subtype = from.bytes[take(from, 1)] ?? 0
  if (subtype === 2) throw notKept('binary subtype 2')
  const start = take(from, length)
  return new Binary(Buffer.from(from.bytes.subarray(start, start + length)), subtype)
}

const readDate = (from: Cursor): Date => {
  const date = new Date(Number(from.bytes.readBigInt64LE(take(from, 8))))
  if (Number.isNaN(date.getTime())) throw notKept('date beyond the year 275760')
  return date
}

const notKept = (type: string) =>
  new MongoFailure('NotImplemented', `The embedded server does not keep the BSON type: ${type}`)

const readValue = (type: number, from: Cursor): Value => {
  switch (type) {
    case 0x01:
      return new Double(from.bytes.readDoubleLE(take(from, 8)))
    case 0x02:
      return readString(from)
    case 0x03:
      return readDocument(from)
    case 0x04:
      return readArray(from)
    case 0x05:
      return readBinary(from)
    case 0x07: {
      const start = take(from, 12)
      return new ObjectId(Buffer.from(from.bytes.subarray(start, start + 12)))
    }
    case 0x08:
      return from.bytes[take(from, 1)] === 1
    case 0x09:
      return readDate(from)
    case 0x0a:
      return null
    case 0x10:
      return from.bytes.readInt32LE(take(from, 4))
    case 0x12:
      return from.bytes.readBigInt64LE(take(from, 8))
    default:
      throw notKept(`0x${type.toString(16).padStart(2, '0')}`)
  }
}
