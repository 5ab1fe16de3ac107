import { constants } from 'node:fs'
import { type FileHandle, open, rename } from 'node:fs/promises'
import { codeOf } from '../../shared/runtime/errors.ts'
import type { Log } from '../../shared/runtime/log.ts'
import { fileOf, removeOlder, type Standing } from './folder.ts'
import { type Entry, frame } from './frames.ts'

/** The write-ahead journal of a data folder. */
export type Journal = {
  /** Takes a change in order; it is on disk once `flushed` resolves. */
  append(entry: Entry): void
  /** Resolves when all that was appended before is on disk; one write serves everyone who waits. */
  flushed(): Promise<void>
  close(): Promise<void>
}

export type JournalOptions = {
  folder: string
  standing: Standing
  log: Log
  /** Everything that is stored now, as entries that build it from nothing. */
  everything(): Entry[]
  /** Called once when the disk refuses a write: memory is ahead of it from then on, so the server must end. */
  failed(error: unknown): void
  /** The journal is replaced by a snapshot when it outgrows this and the last snapshot (bytes). */
  compactAbove: number
}

const compactAtStart = 1024 * 1024

/** Opens the journal for appending, and compacts it when it is more than a megabyte. */
export const openJournal = async (options: JournalOptions): Promise<Journal> => {
  const { folder, standing, log, compactAbove } = options
  let file = await openForAppend(folder, standing.generation)
  let pending: Entry[] = []
  let inFlight: Promise<void> | undefined
  let next: Promise<void> | undefined
  let compacting: Promise<void> | undefined

  const isLarge = () => !compacting && standing.journalBytes > Math.max(compactAbove, standing.snapshotBytes)
  // What is captured and what is pending are taken in one go: the old journal gets the pending, the new one all after it.
  const writePending = async () => {
    const entries = pending
    pending = []
    next = undefined
    const captured = isLarge() ? options.everything() : undefined
    const bytes = frame(entries)
    await writeWhole(file, bytes)
    standing.journalBytes += bytes.length
    if (captured !== undefined) await turnOver(captured)
  }
  const turnOver = async (captured: Entry[]) => {
    await file.close()
    standing.generation += 1
    file = await openForAppend(folder, standing.generation)
    standing.journalBytes = 0
    compacting = writeSnapshot(folder, standing.generation, captured)
      .then(bytes => {
        standing.snapshotBytes = bytes
      })
      .catch(error => log.error('compaction failed', { code: codeOf(error) }))
      .finally(() => {
        compacting = undefined
      })
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
  const close = async () => {
    await flushed().finally(async () => {
      await compacting
      await file.close()
    })
  }
  if (standing.journalBytes > compactAtStart) await turnOver(options.everything())
  return { append: entry => pending.push(entry), flushed, close }
}

// With O_DSYNC a write returns when the bytes are on the disk: one call instead of a write and an fdatasync.
const openForAppend = async (folder: string, generation: number): Promise<FileHandle> => {
  const { O_WRONLY, O_CREAT, O_APPEND, O_DSYNC } = constants
  const file = await open(fileOf(folder, 'journal', generation), O_WRONLY | O_CREAT | O_APPEND | O_DSYNC)
  await syncFolder(folder)
  return file
}

/** Makes created, renamed and removed names of the folder durable. */
export const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}

const writeWhole = async (file: FileHandle, bytes: Buffer): Promise<void> => {
  for (let done = 0; done < bytes.length; ) done += (await file.write(bytes, done)).bytesWritten
}

const snapshotFrameBytes = 1024 * 1024

const writeSnapshot = async (folder: string, generation: number, entries: Entry[]): Promise<number> => {
  const name = fileOf(folder, 'snapshot', generation)
  const file = await open(`${name}.new`, 'w')
  let bytes = 0
  try {
    for (const part of parts(entries)) {
      const whole = frame(part)
      await writeWhole(file, whole)
      bytes += whole.length
    }
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${name}.new`, name)
  await syncFolder(folder)
  await removeOlder(folder, generation)
  return bytes
}

function* parts(entries: Entry[]): Generator<Entry[], void> {
  let start = 0
  let bytes = 0
  for (const [i, { body }] of entries.entries()) {
    bytes += body.length
    if (bytes < snapshotFrameBytes) continue
    yield entries.slice(start, i + 1)
    start = i + 1
    bytes = 0
  }
  yield entries.slice(start)
}
