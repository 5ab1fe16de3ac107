import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import { Growing, Reading } from '../bson/growing.ts'
import type { Patch } from '../update/patch.ts'

/**
 * What a frame begins with: a magic number that says which form the journal has, how long it is, and a
 * checksum.
 */
export const magic = 0x334a4843 // CHJ3
export const headerSize = 12

// The payload of a frame begins with how its records are written.
const plain = 0
const deflated = 1
const begin = headerSize + 1
// Records of several changes are much alike. What the services write becomes a sixth, at 4 to 5 µs a KB; a
// short frame is not worth the beginning of it.
const deflatedFrom = 2_048

const kinds = { collection: 1, index: 2, drop: 3, put: 4, patch: 5 } as const

/**
 * Changes on their way to the disk, which are written, and hold or tear, together. Collections and documents
 * have numbers: a collection is named once, a document is there whole once, and from then on only what
 * changes in it.
 */
export class Records {
  readonly #bytes = new Growing(64 * 1024)

  constructor() {
    this.clear()
  }

  /** How many bytes the records take before they are deflated. */
  get size(): number {
    return this.#bytes.length - begin
  }

  clear(): void {
    if (this.#bytes.length > keptBytes) this.#bytes.bytes = Buffer.allocUnsafeSlow(64 * 1024)
    this.#bytes.length = begin
  }

  collection(number: number, ns: string): void {
    const bytes = Buffer.from(ns)
    this.#begin(kinds.collection, number)
    this.#bytes.varint(bytes.length)
    this.#bytes.copy(bytes, 0, bytes.length)
  }

  index(collection: number, spec: Buffer): void {
    this.#begin(kinds.index, collection)
    this.#bytes.copy(spec, 0, spec.length)
  }

  drop(collection: number): void {
    this.#begin(kinds.drop, collection)
  }

  /** A document as it is at that place. */
  put(collection: number, number: number, bytes: Buffer, at: number): void {
    this.#begin(kinds.put, collection)
    this.#bytes.varint(number)
    this.#bytes.copy(bytes, at, at + bytes.readInt32LE(at))
  }

  patch(number: number, patch: Patch): void {
    this.#begin(kinds.patch, number)
    patch.write(this.#bytes)
  }

  #begin(kind: number, number: number): void {
    this.#bytes.byte(kind)
    this.#bytes.varint(number)
  }

  /** All of them as a frame, good until they are changed. */
  frame(): Buffer {
    const whole = this.#bytes.bytes.subarray(0, this.#bytes.length)
    if (this.size < deflatedFrom) return closed(whole, plain)
    const records = deflateRawSync(whole.subarray(begin), { level: 1 })
    return closed(Buffer.concat([whole.subarray(0, begin), records]), deflated)
  }
}

const closed = (whole: Buffer, form: number): Buffer => {
  whole[headerSize] = form
  whole.writeUInt32LE(magic, 0)
  whole.writeUInt32LE(whole.length - headerSize, 4)
  whole.writeUInt32LE(crc32(whole.subarray(headerSize)), 8)
  return whole
}

const keptBytes = 8 * 1024 * 1024

/** What is done with the records of a frame. */
export type Redo = {
  collection(number: number, ns: string): void
  index(collection: number, spec: Buffer): void
  drop(collection: number): void
  /** The document begins at `at`. */
  put(collection: number, number: number, bytes: Buffer, at: number): void
  /** What is read from is at the patch, and has to be behind it afterwards. */
  patch(number: number, from: Reading): void
}

/**
 * Hands the records in the payload of a frame to `redo`, in order. Returns their bytes. Raises an error for
 * what is no record.
 */
export const readRecords = (payload: Buffer, redo: Redo): number => {
  const records = payload.subarray(1)
  const from = new Reading(payload[0] === deflated ? inflateRawSync(records) : records)
  while (from.at < from.bytes.length) readRecord(from, redo)
  return from.bytes.length
}

const readRecord = (from: Reading, redo: Redo): void => {
  const kind = from.byte()
  const number = from.varint()
  if (kind === kinds.patch) redo.patch(number, from)
  else if (kind === kinds.put) redo.put(number, from.varint(), from.bytes, passDocument(from))
  else if (kind === kinds.collection) redo.collection(number, readText(from))
  else if (kind === kinds.drop) redo.drop(number)
  else if (kind === kinds.index) redo.index(number, copyOf(from))
  else throw new RangeError(`a record of kind ${kind}`)
}

const passDocument = (from: Reading): number => from.pass(from.bytes.readInt32LE(from.at))

const copyOf = (from: Reading): Buffer => {
  const at = passDocument(from)
  return Buffer.from(from.bytes.subarray(at, from.at))
}

const readText = (from: Reading): string => {
  const size = from.varint()
  const at = from.pass(size)
  return from.bytes.toString('utf8', at, at + size)
}
