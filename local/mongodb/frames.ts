import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import type { Change } from './collection.ts'

/** A change with the collection it belongs to: what the files of the data folder are made of. */
export type Entry = Change & { ns: string }

const magic = 0x314a4843 // CHJ1
const headerSize = 12
const ops: readonly Change['op'][] = ['put', 'remove', 'index', 'create', 'drop']

/** Entries that are written, and hold or tear, together: magic, length and checksum, then the entries. */
export const frame = (entries: readonly Entry[]): Buffer => {
  const parts: Buffer[] = [Buffer.alloc(headerSize)]
  for (const { op, ns, body } of entries) {
    const name = Buffer.from(ns)
    const head = Buffer.alloc(7)
    head.writeUInt8(ops.indexOf(op), 0)
    head.writeUInt16LE(name.length, 1)
    head.writeUInt32LE(body.length, 3)
    parts.push(head, name, body)
  }
  const whole = Buffer.concat(parts)
  whole.writeUInt32LE(magic, 0)
  whole.writeUInt32LE(whole.length - headerSize, 4)
  whole.writeUInt32LE(crc32(whole.subarray(headerSize)), 8)
  return whole
}

/** How far a file is sound, and whether a whole frame follows after the first unsound byte. */
export type Soundness = { size: number; sound: number; soundAfter: boolean }

/** Hands the entries of every whole frame from the start of the file to `apply`, up to the first that is torn or corrupt. */
export const readFrames = (file: string, apply: (entry: Entry) => void): Soundness => {
  const handle = openSync(file, 'r')
  try {
    const { size } = fstatSync(handle)
    let sound = 0
    for (;;) {
      const payload = payloadAt(handle, sound, size)
      if (payload === undefined) break
      for (const entry of entriesIn(payload)) apply(entry)
      sound += headerSize + payload.length
    }
    return { size, sound, soundAfter: sound < size && hasFrameAfter(handle, sound, size) }
  } finally {
    closeSync(handle)
  }
}

const readAt = (handle: number, at: number, length: number): Buffer => {
  const bytes = Buffer.allocUnsafe(length)
  let done = 0
  while (done < length) {
    const n = readSync(handle, bytes, done, length - done, at + done)
    if (n === 0) break
    done += n
  }
  return bytes.subarray(0, done)
}

const payloadAt = (handle: number, at: number, size: number): Buffer | undefined => {
  if (at + headerSize > size) return undefined
  const header = readAt(handle, at, headerSize)
  const length = header.readUInt32LE(4)
  if (header.readUInt32LE(0) !== magic || at + headerSize + length > size) return undefined
  const payload = readAt(handle, at + headerSize, length)
  return crc32(payload) === header.readUInt32LE(8) ? payload : undefined
}

function* entriesIn(payload: Buffer): Generator<Entry, void> {
  let at = 0
  while (at < payload.length) {
    const op = ops[payload.readUInt8(at)] ?? 'put'
    const start = at + 7
    const end = start + payload.readUInt16LE(at + 1)
    at = end + payload.readUInt32LE(at + 3)
    yield { op, ns: payload.toString('utf8', start, end), body: Buffer.from(payload.subarray(end, at)) }
  }
}

// Frames are written one after the other was on disk, so a whole one behind a broken one means damage, not a torn write.
const hasFrameAfter = (handle: number, from: number, size: number): boolean => {
  const rest = readAt(handle, from, size - from)
  const mark = Buffer.alloc(4)
  mark.writeUInt32LE(magic, 0)
  for (let at = rest.indexOf(mark, 1); at >= 0; at = rest.indexOf(mark, at + 1))
    if (payloadAt(handle, from + at, size) !== undefined) return true
  return false
}
