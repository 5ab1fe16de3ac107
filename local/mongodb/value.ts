import { Binary, Double, ObjectId } from 'bson'

/**
 * A BSON value, each type kept apart so that what is stored comes back unchanged:
 * int32 is a number, int64 a bigint, double a `Double`; documents are Maps, which keep the order of any field name.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | Double
  | ObjectId
  | Binary
  | Doc
  | Value[]
export type Doc = Map<string, Value>

/** The name MongoDB's messages use for the type. */
export const typeName = (value: Value): string => {
  if (value === null) return 'null'
  if (typeof value !== 'object') return primitiveNames[typeof value as keyof typeof primitiveNames]
  if (value instanceof Map) return 'object'
  if (Array.isArray(value)) return 'array'
  if (value instanceof Double) return 'double'
  if (value instanceof Date) return 'date'
  return value instanceof ObjectId ? 'objectId' : 'binData'
}
const primitiveNames = { boolean: 'bool', number: 'int', bigint: 'long', string: 'string' }

const ranks: Record<string, number> = {
  null: 1,
  int: 2,
  long: 2,
  double: 2,
  string: 3,
  object: 4,
  array: 5,
  binData: 6,
  objectId: 7,
  bool: 8,
  date: 9,
}

/** Position of the value's type in MongoDB's comparison order; undefined (an empty array in an index) is the lowest. */
export const rankOf = (value: Value | undefined): number =>
  value === undefined ? 0 : (ranks[typeName(value)] ?? 0)

export const isNumeric = (value: Value | undefined): value is number | bigint | Double =>
  typeof value === 'number' || typeof value === 'bigint' || value instanceof Double

/** The number as JavaScript compares it: exact also between int64 and double. */
export const numberOf = (value: number | bigint | Double): number | bigint =>
  value instanceof Double ? value.value : value

/** MongoDB's order over all types; numbers compare by value, documents field by field in their order. */
export const compare = (a: Value | undefined, b: Value | undefined): number => {
  const rank = rankOf(a)
  if (rank !== rankOf(b)) return rank - rankOf(b)
  switch (rank) {
    case 2:
      return compareNumbers(numberOf(a as number), numberOf(b as number))
    case 3:
      return compareStrings(a as string, b as string)
    case 4:
      return compareDocuments([...(a as Doc)], [...(b as Doc)])
    case 5:
      return compareArrays(a as Value[], b as Value[])
    case 6:
      return compareBinaries(a as Binary, b as Binary)
    case 7:
      return Buffer.compare((a as ObjectId).id, (b as ObjectId).id)
    default:
      return rank < 2 ? 0 : Number(a) - Number(b)
  }
}

const compareNumbers = (a: number | bigint, b: number | bigint): number => {
  if (a < b) return -1
  if (a > b) return 1
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a))
}

// MongoDB compares UTF-8 bytes, JavaScript UTF-16 units: they differ only where surrogates take part.
const compareStrings = (a: string, b: string): number => {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  let i = 0
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i += 1
  const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)]
  if (i === length) return a.length - b.length
  const surrogates = Number(x >= 0xd800 && x < 0xe000) - Number(y >= 0xd800 && y < 0xe000)
  return surrogates !== 0 && x >= 0xd800 && y >= 0xd800 ? surrogates : x - y
}

const compareArrays = (a: Value[], b: Value[]): number => {
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const order = compare(a[i], b[i])
    if (order !== 0) return order
  }
  return a.length - b.length
}

const compareDocuments = (a: [string, Value][], b: [string, Value][]): number => {
  for (const [i, [name, value]] of a.entries()) {
    const other = b[i]
    if (other === undefined) return 1
    const order =
      rankOf(value) - rankOf(other[1]) || compareStrings(name, other[0]) || compare(value, other[1])
    if (order !== 0) return order
  }
  return a.length - b.length
}

const compareBinaries = (a: Binary, b: Binary): number =>
  a.position - b.position || a.sub_type - b.sub_type || Buffer.compare(a.value(), b.value())

/** Two values MongoDB calls equal have the same key, and no others. */
export const keyOf = (value: Value): string => {
  if (typeof value === 'string') return `s${value}`
  if (isNumeric(value)) return numberKey(numberOf(value))
  if (value instanceof Map) return `{${[...value].map(([k, v]) => part(k) + part(keyOf(v))).join('')}`
  if (Array.isArray(value)) return `[${value.map(v => part(keyOf(v))).join('')}`
  if (value instanceof ObjectId) return `o${value.toHexString()}`
  if (value instanceof Binary) return `b${value.sub_type}:${value.toString('base64')}`
  return value instanceof Date ? `d${value.getTime()}` : String(value)
}

const part = (text: string): string => `${text.length}:${text}`

const numberKey = (n: number | bigint): string =>
  typeof n === 'number' && Number.isInteger(n) ? `n${BigInt(n)}` : `n${n}`

export const equal = (a: Value, b: Value): boolean => compare(a, b) === 0

/** The value as MongoDB prints it in an error message. */
export const show = (value: Value): string => {
  if (typeof value === 'string') return JSON.stringify(value)
  if (value instanceof Map)
    return within(
      '{',
      [...value].map(([k, v]) => `${k}: ${show(v)}`),
      '}',
    )
  if (Array.isArray(value)) return within('[', value.map(show), ']')
  if (value instanceof Date) return `new Date(${value.getTime()})`
  if (value instanceof ObjectId) return `ObjectId('${value.toHexString()}')`
  if (value instanceof Binary) return `BinData(${value.sub_type}, ${value.toString('hex').toUpperCase()})`
  return value instanceof Double && Number.isInteger(value.value) ? value.value.toFixed(1) : String(value)
}

const within = (open: string, parts: string[], close: string): string =>
  parts.length === 0 ? open + close : `${open} ${parts.join(', ')} ${close}`
