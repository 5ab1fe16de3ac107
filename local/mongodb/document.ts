import { ByteUtils, deserialize, serialize } from 'bson'
import { refuse } from './failure.ts'

/** A BSON value as the bytes that came: what no command looks at is stored and returned unchanged. */
export type Span = { type: number; bytes: Buffer; at: number; end: number }
/** A document whose fields were read; a Map keeps their order whatever their names. */
export type Doc = Map<string, Value>
export type Value = Span | Doc | Value[]

// How many bytes a value takes, or takes beside those that its first four tell.
const fixedSizes: Record<number, number> = { 1: 8, 7: 12, 8: 1, 9: 8, 10: 0, 16: 4, 18: 8 }
const extraSizes: Record<number, number> = { 2: 4, 3: 0, 4: 0, 5: 5 }

const sizeOf = (type: number, bytes: Buffer, at: number): number => {
  const extra = extraSizes[type]
  if (extra !== undefined) return bytes.readInt32LE(at) + extra
  const name = `0x${type.toString(16).padStart(2, '0')}`
  return (
    fixedSizes[type] ?? refuse('NotImplemented', `The embedded server does not know the BSON type ${name}`)
  )
}

// The fields of the document or array that begins at `at`.
const fieldsAt = (bytes: Buffer, at: number): [string, Span][] => {
  const fields: [string, Span][] = []
  const last = at + bytes.readInt32LE(at) - 1
  if (last < at + 4 || bytes[last] !== 0) throw new RangeError('a document does not end')
  for (let next = at + 4; next < last; ) {
    const type = bytes[next] ?? 0
    const nameEnd = bytes.indexOf(0, next + 1)
    const end = nameEnd + 1 + sizeOf(type, bytes, nameEnd + 1)
    if (nameEnd < 0 || end <= nameEnd || end > last) throw new RangeError('a value is cut off')
    const name = ByteUtils.toUTF8(bytes, next + 1, nameEnd, false)
    fields.push([name, { type, bytes, at: nameEnd + 1, end }])
    next = end
  }
  return fields
}

/**
 * The fields of the BSON document that begins at `at`, each as it came.
 * @throws MongoFailure NotImplemented for a type that this server does not keep, RangeError for malformed bytes
 */
export const decode = (bytes: Buffer, at = 0): Doc => new Map(fieldsAt(bytes, at))

/** The value as a document that may be changed; undefined when it is none. */
export const asDoc = (value: Value | undefined): Doc | undefined => {
  if (value === undefined || value instanceof Map) return value
  return !Array.isArray(value) && value.type === 3 ? decode(value.bytes, value.at) : undefined
}

/** The elements of an array; undefined when the value is none. */
export const asArray = (value: Value | undefined): Value[] | undefined => {
  if (value === undefined || Array.isArray(value)) return value
  if (value instanceof Map || value.type !== 4) return undefined
  return fieldsAt(value.bytes, value.at).map(([, element]) => element)
}

const typeOf = (value: Value): number => (value instanceof Map ? 3 : Array.isArray(value) ? 4 : value.type)

let scratch = Buffer.allocUnsafe(64 * 1024)
let written = 0

/** The document as BSON bytes of its own. */
export const encode = (document: Doc): Buffer => {
  written = 0
  writeFields(document)
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

const writeZero = (): void => {
  const at = reserve(1)
  scratch[at] = 0
}

const writeSpan = ({ bytes, at, end }: Span): void => {
  const start = reserve(end - at)
  bytes.copy(scratch, start, at, end)
}

const writeFields = (fields: Iterable<[string | number, Value]>): void => {
  const start = reserve(4)
  for (const [key, value] of fields) {
    const name = String(key)
    const at = reserve(3 * name.length + 2)
    scratch[at] = typeOf(value)
    written = at + 1 + ByteUtils.encodeUTF8Into(scratch, name, at + 1)
    writeZero()
    if (value instanceof Map) writeFields(value)
    else if (Array.isArray(value)) writeFields(value.entries())
    else writeSpan(value)
  }
  writeZero()
  scratch.writeInt32LE(written - start, start)
}

/** What the bson package makes of a JavaScript object. */
export const docOf = (fields: object): Doc => decode(Buffer.from(serialize(fields)))

/** A document that is BSON already. */
export const spanOf = (bytes: Buffer): Span => ({ type: 3, bytes, at: 0, end: bytes.length })

/** The value as the bson package reads it; `exact` keeps the classes of numbers. */
export const toJs = (value: Value | undefined, exact = false): unknown =>
  value && deserialize(encode(new Map([['js', value]])), { promoteValues: !exact }).js
