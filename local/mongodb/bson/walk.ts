import { refuse } from '../failure.ts'

// The bytes that a value of this type takes, from `at` on.
const sizeOf = (type: number, bytes: Buffer, at: number): number => {
  switch (type) {
    case 16:
      return 4
    case 2:
      return bytes.readInt32LE(at) + 4
    case 3:
    case 4:
      return bytes.readInt32LE(at)
    case 1:
    case 9:
    case 18:
      return 8
    case 5:
      return bytes.readInt32LE(at) + 5
    case 7:
      return 12
    case 8:
      return 1
    case 10:
      return 0
    default:
      return refuse(
        'NotImplemented',
        `The embedded server does not know the BSON type 0x${type.toString(16).padStart(2, '0')}`,
      )
  }
}

/** FNV-1a over the bytes of a name, one byte more each time; it stays a small integer of V8. */
export const hashSeed = 0x11c9dc5
export const hashWith = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x1000193) & 0x3fffffff

/**
 * Goes over the fields of a BSON document, or the elements of an array, by their places, and makes nothing of
 * them.
 */
export class Walk {
  bytes: Buffer
  /** The place of the zero that ends the document. */
  last = 0
  /** Of the field that was reached: its type, where it begins, its name, its value, and where it ends. */
  type = 0
  from = 0
  name = 0
  at = 0
  end = 0
  /** A hash of the name. */
  hash = 0

  /** Before the first field of the document at `at`. Raises a RangeError for malformed bytes. */
  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes
    this.start(bytes, at)
  }

  start(bytes: Buffer, at: number): void {
    this.bytes = bytes
    this.last = at + bytes.readInt32LE(at) - 1
    this.end = at + 4
    if (this.last < this.end || bytes[this.last] !== 0) throw new RangeError('a document does not end')
  }

  /**
   * Reaches the next field; false when there is none.
   * @throws MongoFailure NotImplemented for a type that this server does not keep, RangeError for malformed
   * bytes
   */
  next(): boolean {
    const { bytes, last } = this
    const from = this.end
    if (from >= last) return false
    let at = from + 1
    let hash = hashSeed
    for (let byte = bytes[at] ?? 0; byte !== 0; byte = bytes[at] ?? 0) {
      hash = hashWith(hash, byte)
      at += 1
    }
    this.from = from
    this.name = from + 1
    this.type = bytes[from] ?? 0
    this.at = at + 1
    this.hash = hash
    const size = sizeOf(this.type, bytes, this.at)
    this.end = this.at + size
    if (size < 0 || this.end > last) throw new RangeError('a value is cut off')
    return true
  }
}

// The names that were read last, so that the few names that always come are made once.
const recent: (string | undefined)[] = Array.from({ length: 1_024 })
const longest = 32

/** The name of the field that the walk has reached. */
export const nameOf = ({ bytes, name, at, hash }: Walk): string => {
  const kept = recent[hash & 1_023]
  if (kept !== undefined && isText(bytes, name, at - 1, kept)) return kept
  const text = bytes.toString('utf8', name, at - 1)
  if (text.length === at - 1 - name && text.length <= longest) recent[hash & 1_023] = text
  return text
}

// Whether the bytes are this text, which is in ASCII.
const isText = (bytes: Buffer, from: number, to: number, text: string): boolean => {
  if (to - from !== text.length) return false
  for (let i = 0; i < text.length; i += 1) if (bytes[from + i] !== text.charCodeAt(i)) return false
  return true
}

/** Whether two stretches of as many bytes are the same. */
export const isSame = (a: Buffer, aFrom: number, b: Buffer, bFrom: number, length: number): boolean => {
  if (length > 64) return a.compare(b, bFrom, bFrom + length, aFrom, aFrom + length) === 0
  for (let i = 0; i < length; i += 1) if (a[aFrom + i] !== b[bFrom + i]) return false
  return true
}

/** Copies the bytes from `from` to `to` to the place `at` of the target. */
export const copyBytes = (source: Buffer, from: number, to: number, target: Buffer, at: number): void => {
  if (to - from > 160) source.copy(target, at, from, to)
  else for (let i = from; i < to; i += 1) target[at + i - from] = source[i] ?? 0
}

/** A field name that documents are asked for again and again. */
export type FieldName = { text: string; hash: number; bytes: Buffer }

export const fieldName = (text: string): FieldName => {
  const bytes = Buffer.from(text)
  return { text, bytes, hash: bytes.reduce(hashWith, hashSeed) }
}

const looking = new Walk(Buffer.from([5, 0, 0, 0, 0]), 0)

/**
 * A walk at the field of this name in the document at `at`, good until the next call; undefined when it has
 * none.
 */
export const fieldAt = (bytes: Buffer, at: number, name: FieldName): Walk | undefined => {
  looking.start(bytes, at)
  while (looking.next()) if (looking.hash === name.hash && isName(looking, name.bytes)) return looking
  return undefined
}

const isName = ({ bytes, name, at }: Walk, wanted: Buffer): boolean =>
  at - 1 - name === wanted.length && isSame(bytes, name, wanted, 0, wanted.length)
