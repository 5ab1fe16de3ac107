import { asArray, type Value } from './document.ts'
import { refuse } from './failure.ts'

/** A value in a form that compares as MongoDB does: by rank of its type, then by what it is; `of` a nested value is its kind alone. */
export type Key = { rank: number; of: number | bigint | string }

/** The key of an empty array in an index: lower than all others. */
export const lowest: Key = { rank: 0, of: 0 }

/** The key of null, and of a field that is missing. */
export const nothing: Key = { rank: 1, of: 0 }

// What MongoDB orders by their fields, elements or lengths, and nobody asks for here.
const nested = 100

// NaN has a rank of its own, below the numbers: it equals itself and no range of numbers holds it.
const numeric = (of: number | bigint): Key => (Number.isNaN(of) ? { rank: 2, of: 0 } : { rank: 3, of })

/** The key of a value; undefined is a missing field. Texts get one character a byte, because MongoDB compares them as UTF-8. */
export const keyOf = (value: Value | undefined): Key => {
  if (value === undefined) return nothing
  if (value instanceof Map || Array.isArray(value)) return { rank: nested, of: 0 }
  const { type, bytes, at, end } = value
  switch (type) {
    case 1:
      return numeric(bytes.readDoubleLE(at))
    case 2:
      return { rank: 4, of: bytes.toString('latin1', at + 4, end - 1) }
    case 7:
      return { rank: 5, of: bytes.toString('latin1', at, end) }
    case 8:
      return { rank: 6, of: bytes[at] ?? 0 }
    case 9:
      return { rank: 7, of: bytes.readBigInt64LE(at) }
    case 10:
      return nothing
    case 16:
      return numeric(bytes.readInt32LE(at))
    case 18:
      return numeric(bytes.readBigInt64LE(at))
    default:
      return { rank: nested, of: 0 }
  }
}

/** The key of a value that something is ordered by or compared with. @throws MongoFailure NotImplemented for documents, arrays and binaries */
export const comparableKey = (value: Value | undefined): Key => {
  const key = keyOf(value)
  return key.rank === nested
    ? refuse('NotImplemented', 'The embedded server compares plain values only')
    : key
}

/** The keys an index or a sort has for a field: of an array one for each element. */
export const keysOf = (value: Value | undefined): Key[] => {
  const elements = asArray(value)
  if (elements === undefined) return [comparableKey(value)]
  return elements.length === 0 ? [lowest] : elements.map(comparableKey)
}

/** MongoDB's order over all types; numbers compare by value. */
export const compare = (a: Key, b: Key): number => {
  if (a.rank !== b.rank) return a.rank - b.rank
  return a.of < b.of ? -1 : Number(a.of > b.of)
}

/** The order of two rows of keys. */
export const compareRows = (a: readonly Key[], b: readonly Key[]): number => {
  for (let i = 0; i < a.length; i += 1) {
    const order = compare(a[i] ?? nothing, b[i] ?? nothing)
    if (order !== 0) return order
  }
  return 0
}
