import { Binary, ByteUtils, Double, ObjectId } from 'bson'
import { MongoFailure } from './failure.ts'
import type { Doc, Value } from './value.ts'

type Span = { bytes: Buffer; at: number; end: number }

/**
 * The BSON document that begins at `at`; its fields are read when the first of them is asked for.
 * Reading raises NotImplemented for a type that this server does not keep, and a RangeError for malformed bytes.
 */
export const decode = (bytes: Buffer, at = 0): Doc => new Unread(spanAt(bytes, at, bytes.length))

// Most of what a document holds is never looked at: what stays unread is stored and sent as the bytes that came.
class Unread extends Map<string, Value> {
  unread: Span | undefined
  constructor(span: Span) {
    super()
    this.unread = span
  }
  private open(): this {
    const span = this.unread
    if (span === undefined) return this
    for (let at = span.at + 4; at < span.end - 1; ) {
      const nameEnd = endOfName(span.bytes, at + 1)
      const name = ByteUtils.toUTF8(span.bytes, at + 1, nameEnd, false)
      const read = readValue(span.bytes[at] ?? 0, { bytes: span.bytes, at: nameEnd + 1, end: span.end })
      super.set(name, read.value)
      at = read.at
    }
    this.unread = undefined
    return this
  }
  override get(name: string) {
    this.open()
    return super.get(name)
  }
  override has(name: string) {
    this.open()
    return super.has(name)
  }
  override set(name: string, value: Value) {
    this.open()
    return super.set(name, value)
  }
  override delete(name: string) {
    this.open()
    return super.delete(name)
  }
  override get size() {
    this.open()
    return super.size
  }
  override keys() {
    this.open()
    return super.keys()
  }
  override values() {
    this.open()
    return super.values()
  }
  override entries() {
    this.open()
    return super.entries()
  }
  override [Symbol.iterator]() {
    return this.entries()
  }
}

const spanAt = (bytes: Buffer, at: number, limit: number): Span => {
  const end = at + bytes.readInt32LE(at)
  if (end < at + 5 || end > limit || bytes[end - 1] !== 0)
    throw new RangeError('a document ends where it must not')
  return { bytes, at, end }
}

const endOfName = (bytes: Buffer, at: number): number => {
  const end = bytes.indexOf(0, at)
  if (end < 0) throw new RangeError('a field name does not end')
  return end
}

const readArray = ({ bytes, at, end }: Span): Value[] => {
  const values: Value[] = []
  for (let next = at + 4; next < end - 1; ) {
    const read = readValue(bytes[next] ?? 0, { bytes, at: endOfName(bytes, next + 1) + 1, end })
    values.push(read.value)
    next = read.at
  }
  return values
}

type Read = { value: Value; at: number }

// How many bytes a value of this type takes, where the type alone says so.
const fixedSizes: Record<number, number> = { 1: 8, 7: 12, 8: 1, 9: 8, 10: 0, 16: 4, 18: 8 }

const readValue = (type: number, span: Span): Read => {
  const { bytes, at } = span
  if (type === 3 || type === 4) {
    const inner = spanAt(bytes, at, span.end)
    return { value: type === 3 ? new Unread(inner) : readArray(inner), at: inner.end }
  }
  const size = fixedSizes[type] ?? variableSize(type, bytes, at)
  if (size < 0 || at + size > span.end) throw new RangeError('a value is cut off')
  return { value: readScalar(type, bytes, at, at + size), at: at + size }
}

const variableSize = (type: number, bytes: Buffer, at: number): number => {
  if (type !== 2 && type !== 5) throw notKept(`0x${type.toString(16).padStart(2, '0')}`)
  return bytes.readInt32LE(at) + (type === 5 ? 5 : 4)
}

const readScalar = (type: number, bytes: Buffer, at: number, end: number): Value => {
  switch (type) {
    case 1:
      return new Double(bytes.readDoubleLE(at))
    case 2:
      return ByteUtils.toUTF8(bytes, at + 4, end - 1, false)
    case 5:
      return readBinary(bytes, at, end)
    case 7:
      return new ObjectId(Buffer.from(bytes.subarray(at, end)))
    case 8:
      return bytes[at] === 1
    case 9:
      return readDate(bytes.readBigInt64LE(at))
    case 10:
      return null
    case 16:
      return bytes.readInt32LE(at)
    default:
      return bytes.readBigInt64LE(at)
  }
}

const readBinary = (bytes: Buffer, at: number, end: number): Binary => {
  if (bytes[at + 4] === 2) throw notKept('binary subtype 2')
  return new Binary(Buffer.from(bytes.subarray(at + 5, end)), bytes[at + 4])
}

const readDate = (millis: bigint): Date => {
  const date = new Date(Number(millis))
  if (Number.isNaN(date.getTime())) throw notKept('date beyond the year 275760')
  return date
}

const notKept = (type: string) =>
  new MongoFailure('NotImplemented', `The embedded server does not know the BSON type ${type}`)

let scratch = Buffer.allocUnsafe(64 * 1024)
let written = 0

/** The document as BSON bytes of its own. */
export const encode = (document: Doc): Buffer => {
  written = 0
  writeDocument(document)
  return Buffer.from(scratch.subarray(0, written))
}

// Room for that many bytes more: where they begin. `scratch` may be another one afterwards.
const reserve = (size: number): number => {
  const at = written
  written += size
  if (written > scratch.length) {
    const larger = Buffer.allocUnsafe(2 * written)
    scratch.copy(larger, 0, 0, at)
    scratch = larger
  }
  return at
}

const writeBytes = (from: Uint8Array): void => {
  const at = reserve(from.length)
  scratch.set(from, at)
}

const writeByte = (byte: number): void => {
  const at = reserve(1)
  scratch[at] = byte
}

const writeInt32 = (value: number): void => {
  const at = reserve(4)
  scratch.writeInt32LE(value, at)
}

const writeInt64 = (value: bigint): void => {
  const at = reserve(8)
  scratch.writeBigInt64LE(value, at)
}

const writeDouble = (value: number): void => {
  const at = reserve(8)
  scratch.writeDoubleLE(value, at)
}

const writeDocument = (document: Doc): void => {
  if (document instanceof Unread && document.unread !== undefined) {
    const { bytes, at, end } = document.unread
    writeBytes(bytes.subarray(at, end))
    return
  }
  const start = reserve(4)
  for (const [name, value] of document) writeField(name, value)
  writeByte(0)
  scratch.writeInt32LE(written - start, start)
}

const writeArray = (values: Value[]): void => {
  const start = reserve(4)
  for (let i = 0; i < values.length; i += 1) writeField(String(i), values[i] ?? null)
  writeByte(0)
  scratch.writeInt32LE(written - start, start)
}

// Writes text and its closing zero.
const writeText = (text: string): void => {
  const at = reserve(3 * text.length + 1)
  written = at + ByteUtils.encodeUTF8Into(scratch, text, at)
  writeByte(0)
}

const writeString = (text: string): void => {
  const at = reserve(4)
  writeText(text)
  scratch.writeInt32LE(written - at - 4, at)
}

const writeField = (name: string, value: Value): void => {
  const at = reserve(1)
  writeText(name)
  const type = typeOf(value)
  scratch[at] = type
  writers[type]?.(value as never)
}

const typeOf = (value: Value): number => {
  if (value === null) return 10
  if (typeof value !== 'object') return primitiveTypes[typeof value as keyof typeof primitiveTypes]
  if (value instanceof Map) return 3
  if (Array.isArray(value)) return 4
  if (value instanceof Double) return 1
  if (value instanceof Date) return 9
  return value instanceof ObjectId ? 7 : 5
}
const primitiveTypes = { string: 2, number: 16, bigint: 18, boolean: 8 }

const writers: Record<number, (value: never) => void> = {
  1: (value: Double) => writeDouble(value.value),
  2: writeString,
  3: writeDocument,
  4: writeArray,
  5: (value: Binary) => {
    writeInt32(value.position)
    writeByte(value.sub_type)
    writeBytes(value.value())
  },
  7: (value: ObjectId) => writeBytes(value.id),
  8: (value: boolean) => writeByte(Number(value)),
  9: (value: Date) => writeInt64(BigInt(value.getTime())),
  16: writeInt32,
  18: writeInt64,
}
