import { serialize } from 'bson'
import { Growing } from '../bson/growing.ts'

/** An answer leaves that many bytes free in front, for the frame of the message. */
export const room = 36

/** A document where it stands. */
export type Raw = { readonly bytes: Buffer; readonly at: number }

/** The fields as an answer. */
export const answerOf = (fields: object): Buffer => {
  const body = serialize(fields)
  const whole = Buffer.allocUnsafe(room + body.length)
  whole.set(body, room)
  return whole
}

/** The answer that holds a batch of documents, copied once. */
export const cursorAnswer = (batch: string, documents: readonly Raw[], id: bigint, ns: string): Buffer => {
  const to = new Growing(room + sizeOf(documents) + 3 * ns.length + 96)
  to.reserve(room)
  const [whole, cursor] = [begin(to), begin(to, 3, 'cursor')]
  name(to, 18, 'id')
  const at = to.reserve(8)
  to.bytes.writeBigInt64LE(id, at)
  writeText(to, 'ns', ns)
  const array = begin(to, 4, batch)
  for (let i = 0; i < documents.length; i += 1) writeElement(to, i, documents[i] as Raw)
  end(to, array)
  end(to, cursor)
  name(to, 1, 'ok')
  const ok = to.reserve(8)
  to.bytes.writeDoubleLE(1, ok)
  end(to, whole)
  return to.bytes.subarray(0, to.length)
}

// The most that the documents take as elements of an array.
const sizeOf = (documents: readonly Raw[]): number => {
  let size = 0
  for (const { bytes, at } of documents) size += 9 + bytes.readInt32LE(at)
  return size
}

const name = (to: Growing, type: number, text: string): void => {
  to.byte(type)
  to.text(text)
  to.byte(0)
}

const writeText = (to: Growing, field: string, text: string): void => {
  name(to, 2, field)
  to.int32(Buffer.byteLength(text) + 1)
  to.text(text)
  to.byte(0)
}

// Where the length of a document stands that `end` ends.
const begin = (to: Growing, type?: number, field = ''): number => {
  if (type !== undefined) name(to, type, field)
  return to.reserve(4)
}
const end = (to: Growing, at: number): void => {
  to.byte(0)
  to.bytes.writeInt32LE(to.length - at, at)
}

const digits = Array.from({ length: 1_024 }, (_, i) => Buffer.from(`\x03${i}\0`))

const writeElement = (to: Growing, i: number, { bytes, at }: Raw): void => {
  const head = digits[i] ?? Buffer.from(`\x03${i}\0`)
  to.copy(head, 0, head.length)
  to.copy(bytes, at, at + bytes.readInt32LE(at))
}
