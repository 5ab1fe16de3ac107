import { readFileSync, truncateSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { SagaError } from '../../shared/runtime/errors.ts'
import type { Log } from '../../shared/runtime/log.ts'
import type { Change } from './collection.ts'

/** A change with the collection it belongs to: what the journal is made of. */
export type Record = Change & { ns: string }

const magic = 0x324a4843 // CHJ2
const headerSize = 12
const ops: readonly Change['op'][] = ['put', 'index', 'drop']

/** Records that are written, and hold or tear, together: magic, length and checksum, then the records. */
export const frame = (records: readonly Record[]): Buffer => {
  const parts: Buffer[] = [Buffer.alloc(headerSize)]
  for (const { op, ns, body } of records) {
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

/**
 * Hands the records of a journal to `apply`. Its end may be torn: that was never acknowledged and is cut off. Returns its bytes.
 * @throws SagaError `data-damaged` when anything before the end is
 */
export const replay = (file: string, log: Log, apply: (record: Record) => void): number => {
  const bytes = readFileSync(file)
  let sound = 0
  for (;;) {
    const payload = payloadAt(bytes, sound)
    if (payload === undefined) break
    for (const record of recordsIn(payload)) apply(record)
    sound += headerSize + payload.length
  }
  if (sound === bytes.length) return sound
  if (hasFrameAfter(bytes, sound))
    throw new SagaError('data-damaged', `${file} is corrupt at byte ${sound}`, { retry: 'never' })
  log.warn('the journal ended in a torn write that was never acknowledged; it is cut off', {
    bytes: bytes.length - sound,
  })
  truncateSync(file, sound)
  return sound
}

const payloadAt = (bytes: Buffer, at: number): Buffer | undefined => {
  const start = at + headerSize
  if (start > bytes.length || bytes.readUInt32LE(at) !== magic) return undefined
  const payload = bytes.subarray(start, start + bytes.readUInt32LE(at + 4))
  const whole = payload.length === bytes.readUInt32LE(at + 4)
  return whole && crc32(payload) === bytes.readUInt32LE(at + 8) ? payload : undefined
}

function* recordsIn(payload: Buffer): Generator<Record, void> {
  for (let at = 0; at < payload.length; ) {
    const op = ops[payload.readUInt8(at)] ?? 'put'
    const start = at + 7
    const end = start + payload.readUInt16LE(at + 1)
    at = end + payload.readUInt32LE(at + 3)
    yield { op, ns: payload.toString('utf8', start, end), body: Buffer.from(payload.subarray(end, at)) }
  }
}

// Frames are written one after the other was on disk, so a whole one behind a broken one means damage, not a torn write.
const hasFrameAfter = (bytes: Buffer, from: number): boolean => {
  const mark = Buffer.alloc(4)
  mark.writeUInt32LE(magic, 0)
  for (let at = bytes.indexOf(mark, from + 1); at >= 0; at = bytes.indexOf(mark, at + 1))
    if (payloadAt(bytes, at) !== undefined) return true
  return false
}
