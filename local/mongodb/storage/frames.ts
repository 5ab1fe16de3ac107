import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { SagaError } from '../../../shared/runtime/errors.ts'
import type { Log } from '../../../shared/runtime/telemetry/log.ts'
import { headerSize, magic } from './records.ts'

const olderMagic = 0x324a4843 // CHJ2

type File = { fd: number; size: number; name: string }

/**
 * Hands the payloads of a journal to `apply`. Its end may be torn: that was never acknowledged and is cut
 * off.
 * @throws SagaError `data-damaged` when anything before the end is, `backend-mismatch` for a journal of an
 * older form
 */
export const replay = (name: string, log: Log, apply: (payload: Buffer) => void): void => {
  const fd = openSync(name, 'r+')
  try {
    replayFile({ fd, size: fstatSync(fd).size, name }, log, apply)
  } finally {
    closeSync(fd)
  }
}

const replayFile = (file: File, log: Log, apply: (payload: Buffer) => void): void => {
  refuseOlder(file)
  let sound = 0
  for (;;) {
    const payload = payloadAt(file, sound)
    if (payload === undefined) break
    applySound(file, sound, payload, apply)
    sound += headerSize + payload.length
  }
  if (sound === file.size) return
  if (hasFrameAfter(file, sound)) throw damaged(file, sound)
  log.warn('the journal ended in a torn write that was never acknowledged; it is cut off', {
    bytes: file.size - sound,
  })
  ftruncateSync(file.fd, sound)
}

const refuseOlder = (file: File): void => {
  if (read(file, 0, 4).equals(numberOf(olderMagic)))
    throw new SagaError(
      'backend-mismatch',
      `${file.name} was written by an older embedded MongoDB server, whose form is not read any more`,
      { retry: 'never' },
    )
}

// The checksum holds, so what cannot be applied is no torn write.
const applySound = (file: File, at: number, payload: Buffer, apply: (payload: Buffer) => void): void => {
  try {
    apply(payload)
  } catch (cause) {
    throw damaged(file, at, cause)
  }
}

const damaged = ({ name }: File, at: number, cause?: unknown): SagaError =>
  new SagaError('data-damaged', `${name} is corrupt at byte ${at}`, { retry: 'never', cause })

const numberOf = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value, 0)
  return bytes
}

// The bytes from there on, fewer at the end of the file.
const read = ({ fd, size }: File, at: number, length: number): Buffer => {
  const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(length, size - at)))
  for (let done = 0; done < bytes.length; )
    done += readSync(fd, bytes, done, bytes.length - done, at + done) || Number.POSITIVE_INFINITY
  return bytes
}

const payloadAt = (file: File, at: number): Buffer | undefined => {
  const start = at + headerSize
  if (start > file.size) return undefined
  const header = read(file, at, headerSize)
  const length = header.readUInt32LE(4)
  if (header.readUInt32LE(0) !== magic || start + length > file.size) return undefined
  const payload = read(file, start, length)
  return crc32(payload) === header.readUInt32LE(8) ? payload : undefined
}

const window = 16 * 1024 * 1024

// Frames are written one after the other was on disk, so a whole one behind a broken one means damage, not a
// torn write.
const hasFrameAfter = (file: File, from: number): boolean => {
  const mark = numberOf(magic)
  for (let start = from + 1; start < file.size; start += window) {
    const bytes = read(file, start, window + mark.length - 1)
    for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1))
      if (payloadAt(file, start + at) !== undefined) return true
  }
  return false
}
