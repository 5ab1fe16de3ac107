import { refuse } from '../failure.ts'
import { asArray, type Value } from './document.ts'

/**
 * A value as a text that compares, character by character, as MongoDB compares values: first the rank of its
 * type, then what it is. Values that MongoDB calls equal have the same key. Characters are bytes (0 to 255).
 */
export type Key = string

/** The key of an empty array in an index: lower than all others. */
export const lowest: Key = '\x00'

/** The key of null, and of a field that is missing. */
export const nothing: Key = '\x01'

// NaN has a rank of its own, below the numbers: it equals itself and no range of numbers holds it.
const notANumber: Key = '\x02'
const rankOfNumber = 3
const rankOfText = 4
// What MongoDB orders by their fields, elements or lengths, and nobody asks for here: the key is the kind
// alone.
const nested: Key = '\x64'

/** The rank of the type: a range of one type is all that begins with it. */
export const rankOf = (key: Key): string => key.charAt(0)

/**
 * Follows every key of the same type: what is in a key may begin with the largest character, as Infinity
 * does.
 */
export const afterType = (key: Key): Key => String.fromCharCode(key.charCodeAt(0) + 1)

/** Follows a key, and everything that an index with more fields has behind it. */
export const after = (key: Key): Key => `${key}\xff`

const scratch = Buffer.alloc(96)

// Eight bytes that order as the double does, and two for what an integer beyond 2^53 differs from it.
const doubleKey = (value: number, rest = 0): Key => {
  scratch[0] = rankOfNumber
  scratch.writeDoubleBE(value === 0 ? 0 : value, 1)
  const flip = value < 0 ? 0xff : 0
  for (let i = 1; i <= 8; i += 1) scratch[i] = (scratch[i] ?? 0) ^ flip
  if (value >= 0) scratch[1] = (scratch[1] ?? 0) | 0x80
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return scratch.toString('latin1', 0, 9)
  scratch.writeUInt16BE(rest + 2_048, 9)
  return scratch.toString('latin1', 0, 11)
}

const numberKey = (value: number): Key => {
  if (Number.isNaN(value)) return notANumber
  return (value >= 0 && smallKeys[value]) || doubleKey(value)
}
const smallKeys: Key[] = Array.from({ length: 1_024 }, (_, n) => doubleKey(n))

const longKey = (value: bigint): Key => {
  const near = Number(value)
  return Number.isSafeInteger(near) ? numberKey(near) : doubleKey(near, Number(value - BigInt(near)))
}

// MongoDB compares texts as UTF-8, so each byte is a character.
const textKey = (bytes: Buffer, from: number, to: number): Key => {
  if (to - from >= scratch.length) return `\x04${bytes.toString('latin1', from, to)}`
  scratch[0] = rankOfText
  for (let i = from; i < to; i += 1) scratch[1 + i - from] = bytes[i] ?? 0
  return scratch.toString('latin1', 0, 1 + to - from)
}

// Seconds before the epoch are below those after it.
const dateKey = (bytes: Buffer, at: number): Key => {
  scratch[0] = 7
  scratch.writeBigUInt64BE(bytes.readBigUInt64LE(at) ^ (1n << 63n), 1)
  return scratch.toString('latin1', 0, 9)
}

/** The key of the value of this type at this place. */
export const keyAt = (type: number, bytes: Buffer, at: number, end: number): Key => {
  switch (type) {
    case 16:
      return numberKey(bytes.readInt32LE(at))
    case 2:
      return textKey(bytes, at + 4, end - 1)
    case 1:
      return numberKey(bytes.readDoubleLE(at))
    case 18:
      return longKey(bytes.readBigInt64LE(at))
    case 7:
      return `\x05${bytes.toString('latin1', at, end)}`
    case 8:
      return bytes[at] === 0 ? '\x06\x00' : '\x06\x01'
    case 9:
      return dateKey(bytes, at)
    case 10:
      return nothing
    default:
      return nested
  }
}

/** The key of a value; undefined is a missing field. */
export const keyOf = (value: Value | undefined): Key => {
  if (value === undefined) return nothing
  return Array.isArray(value) ? nested : keyAt(value.type, value.bytes, value.at, value.end)
}

/**
 * The key of a value that something is ordered by or compared with. @throws MongoFailure NotImplemented for
 * documents, arrays and binaries
 */
export const comparableKey = (value: Value | undefined): Key => {
  const key = keyOf(value)
  return key === nested ? refuse('NotImplemented', 'The embedded server compares plain values only') : key
}

/** The keys an index or a sort has for a field: of an array one for each element. */
export const keysOf = (value: Value | undefined): Key[] => {
  const elements = asArray(value)
  if (elements === undefined) return [comparableKey(value)]
  return elements.length === 0 ? [lowest] : elements.map(comparableKey)
}

/** The key as one field of an index: an end keeps a text apart from what follows it. */
export const columnOf = (key: Key): Key =>
  key.charCodeAt(0) === rankOfText ? `${key.replaceAll('\0', '\0\xff')}\0\0` : key
