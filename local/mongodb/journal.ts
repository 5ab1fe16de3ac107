import { constants } from 'node:fs'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { frame, type Record } from './frames.ts'

/** The write-ahead journal of a data folder. */
export type Journal = {
  /** Takes a change in order; it is on disk once `flushed` resolves. */
  append(record: Record): void
  /** Resolves when all that was appended before is on disk; one write serves everyone who waits. */
  flushed(): Promise<void>
  close(): Promise<void>
}

export type JournalOptions = {
  folder: string
  /** How much the journal holds. */
  bytes: number
  /** Everything that is stored now, as records that build it from nothing. */
  everything(): Record[]
  /** Called once when the disk refuses a write: memory is ahead of it from then on, so the server must end. */
  failed(error: unknown): void
  /** The journal is written anew when it outgrows this and twice what it held when it was last (bytes). */
  compactAbove: number
}

/** The journal of a folder, and what a journal is called until it is whole. */
export const fileOf = (folder: string): string => join(folder, 'journal')
export const draftOf = (folder: string): string => join(folder, 'journal.new')

/** Opens the journal for appending. */
export const openJournal = async ({ folder, ...options }: JournalOptions): Promise<Journal> => {
  let file = await openForAppend(folder)
  let { bytes, compactAbove: limit } = options
  let pending: Record[] = []
  let inFlight: Promise<void> | undefined
  let next: Promise<void> | undefined

  const writePending = async () => {
    const records = pending
    pending = []
    next = undefined
    if (bytes > limit) return compact(options.everything())
    const whole = frame(records)
    await writeWhole(file, whole)
    bytes += whole.length
  }
  // What is pending is part of everything, so it is on disk with it.
  const compact = async (everything: Record[]) => {
    bytes = await writeAnew(folder, everything)
    limit = Math.max(options.compactAbove, 2 * bytes)
    await file.close()
    file = await openForAppend(folder)
  }
  const flushed = (): Promise<void> => {
    if (pending.length === 0) return inFlight ?? Promise.resolve()
    next ??= (inFlight ?? Promise.resolve()).then(() => {
      inFlight = writePending()
      inFlight.catch(options.failed)
      return inFlight
    })
    return next
  }
  const close = () => flushed().finally(() => file.close())
  return { append: record => pending.push(record), flushed, close }
}

// With O_DSYNC a write returns when the bytes are on the disk: one call instead of a write and an fdatasync.
const openForAppend = async (folder: string): Promise<FileHandle> => {
  const { O_WRONLY, O_CREAT, O_APPEND, O_DSYNC } = constants
  const file = await open(fileOf(folder), O_WRONLY | O_CREAT | O_APPEND | O_DSYNC)
  await syncFolder(folder)
  return file
}

// Makes created and renamed names durable.
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

const writeWhole = async (file: FileHandle, bytes: Buffer): Promise<void> => {
  for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done)).bytesWritten
}

const recordsAFrame = 1_000

// The new journal takes the name of the old one in one step when it is whole and on disk.
const writeAnew = async (folder: string, records: Record[]): Promise<number> => {
  const file = await open(draftOf(folder), 'w')
  let bytes = 0
  try {
    for (let at = 0; at < records.length; at += recordsAFrame) {
      const whole = frame(records.slice(at, at + recordsAFrame))
      await writeWhole(file, whole)
      bytes += whole.length
    }
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draftOf(folder), fileOf(folder))
  await syncFolder(folder)
  return bytes
}
