import { deserialize, serialize } from 'bson'
import { nameOf, Walk } from './walk.ts'

/** A BSON value where it stands among other bytes. */
export type Span = { type: number; bytes: Buffer; at: number; end: number }
/**
 * A document whose fields were read; a Map keeps their order whatever their names. Documents that came beside
 * a command are a list.
 */
export type Doc = Map<string, Value>
export type Value = Span | Span[]

/** The value that the walk has reached. */
export const spanAt = ({ type, bytes, at, end }: Walk): Span => ({ type, bytes, at, end })

/**
 * The fields of the BSON document that begins at `at`, each as it came.
 * @throws MongoFailure NotImplemented for a type that this server does not keep, RangeError for malformed
 * bytes
 */
export const decode = (bytes: Buffer, at = 0): Doc => {
  const fields: Doc = new Map()
  const walk = new Walk(bytes, at)
  while (walk.next()) fields.set(nameOf(walk), spanAt(walk))
  return fields
}

/** The fields of the value when it is a document. */
export const asDoc = (value: Value | undefined): Doc | undefined =>
  value !== undefined && !Array.isArray(value) && value.type === 3 ? decode(value.bytes, value.at) : undefined

/** The elements of an array; undefined when the value is none. */
export const asArray = (value: Value | undefined): Span[] | undefined => {
  if (value === undefined || Array.isArray(value)) return value
  if (value.type !== 4) return undefined
  const elements: Span[] = []
  const walk = new Walk(value.bytes, value.at)
  while (walk.next()) elements.push(spanAt(walk))
  return elements
}

/** Bytes of its own that hold the fields as a document. */
export const encode = (fields: Iterable<readonly [string, Span]>): Buffer => {
  const parts: Buffer[] = [Buffer.alloc(4)]
  for (const [name, { type, bytes, at, end }] of fields)
    parts.push(Buffer.from([type]), Buffer.from(`${name}\0`), bytes.subarray(at, end))
  const whole = Buffer.concat([...parts, Buffer.alloc(1)])
  whole.writeInt32LE(whole.length, 0)
  return whole
}

/** What the bson package makes of a JavaScript object. */
export const docOf = (fields: object): Doc => decode(Buffer.from(serialize(fields)))

/** A document that is BSON already. */
export const spanOf = (bytes: Buffer): Span => ({ type: 3, bytes, at: 0, end: bytes.length })

/** The value as the bson package reads it; `exact` keeps the classes of numbers. */
export const toJs = (value: Value | undefined, exact = false): unknown => {
  if (value === undefined || Array.isArray(value)) return undefined
  return exact ? deserialized(value, false) : plain(value)
}

// What commands are made of, without a detour.
const plain = (value: Span): unknown => {
  const { type, bytes, at, end } = value
  switch (type) {
    case 1:
      return bytes.readDoubleLE(at)
    case 2:
      return bytes.toString('utf8', at + 4, end - 1)
    case 8:
      return bytes[at] === 1
    case 16:
      return bytes.readInt32LE(at)
    default:
      return deserialized(value, true)
  }
}

const deserialized = (value: Span, promoteValues: boolean): unknown =>
  deserialize(encode([['js', value]]), { promoteValues }).js
