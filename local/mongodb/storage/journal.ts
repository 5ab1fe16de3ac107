import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Stored } from '../query/indexes.ts'
import { type Compaction, type Everything, startCompaction } from './compaction.ts'
import { openForAppend, writeWhole } from './disk.ts'
import { Records } from './records.ts'

/** The write-ahead journal of a data folder. */
export type Journal = {
  /**
   * Takes a change, of the document `stored` if it is of one, in order. It is on disk once the position of
   * the journal is.
   */
  append(write: (records: Records) => void, stored?: Stored): void
  /** How many changes were taken. */
  position(): number
  /** The number of the last compaction, which may be going on. What is new now need not be copied by it. */
  compaction(): number
  /**
   * Calls back when that many changes are on disk, at once when they are; with the error when the disk
   * refused. One write serves all that wait.
   */
  whenFlushed(position: number, done: (error?: unknown) => void): void
  /** Resolves when all that was taken before is on disk. */
  flushed(): Promise<void>
  close(): Promise<void>
}

export type JournalOptions = {
  folder: string
  /** How many bytes of records the journal holds; on disk they are fewer. */
  bytes: number
  /** Everything that is stored. */
  everything: Everything
  /**
   * Called once when the disk refuses a write: memory is ahead of it from then on, so the server must end.
   */
  failed(error: unknown): void
  /**
   * The journal is written anew when it outgrows this, twice what is stored and twice what it held when it
   * was last (bytes).
   */
  compactAbove: number
}

/** The journal of a folder, and what a journal is called until it is whole. */
export const fileOf = (folder: string): string => join(folder, 'journal')
export const draftOf = (folder: string): string => join(folder, 'journal.new')

type Waiting = { position: number; done: (error?: unknown) => void }

/** Opens the journal for appending. */
export const openJournal = async ({ folder, everything, ...options }: JournalOptions): Promise<Journal> =>
  new OpenJournal(await openForAppend(fileOf(folder)), { folder, everything, ...options })

class OpenJournal implements Journal {
  readonly #options: JournalOptions
  #file: FileHandle
  #bytes: number
  #compacted = 0
  #compactions = 0
  #compaction: Compaction | undefined
  #pending = new Records()
  #spare = new Records()
  #position = 0
  #durable = 0
  #waiting: Waiting[] = []
  #failure: { error: unknown } | undefined
  #busy = false
  #writing: Promise<void> = Promise.resolve()
  #closing = false
  #scheduled = false

  constructor(file: FileHandle, options: JournalOptions) {
    this.#file = file
    this.#options = options
    this.#bytes = options.bytes
  }

  append(write: (records: Records) => void, stored?: Stored): void {
    this.#position += 1
    write(this.#pending)
    if (stored !== undefined) stored.changedAt = this.#position
    this.#compaction?.append(write, stored)
    if (this.#scheduled || this.#busy) return
    // Whatever else has come by now goes with it.
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.#work()
    })
  }

  position(): number {
    return this.#position
  }

  compaction(): number {
    return this.#compactions
  }

  whenFlushed(position: number, done: (error?: unknown) => void): void {
    if (this.#failure) done(this.#failure.error)
    else if (position <= this.#durable) done()
    else this.#waiting.push({ position, done })
  }

  flushed(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.whenFlushed(this.#position, error => (error === undefined ? resolve() : reject(error)))
    })
  }

  async close(): Promise<void> {
    this.#closing = true
    try {
      await this.flushed()
      await this.#compaction?.abandon()
      await this.#writing
    } finally {
      await this.#file.close()
    }
  }

  #work(): void {
    const ready = this.#compaction?.isReady() === true
    if (this.#busy || this.#failure || (this.#pending.size === 0 && !ready)) return
    this.#busy = true
    const position = this.#position
    const written = ready ? this.#changeOver() : this.#writePending()
    this.#writing = written.then(
      () => this.#written(position),
      error => this.#fail(error),
    )
  }

  #written(position: number): void {
    this.#busy = false
    this.#durable = position
    const told = this.#waiting.filter(one => one.position <= position)
    this.#waiting = this.#waiting.filter(one => one.position > position)
    for (const { done } of told) done()
    if (!this.#closing && this.#compaction === undefined && this.#bytes > this.#limit()) this.#compact()
    this.#work()
  }

  #fail(error: unknown): void {
    if (this.#failure) return
    this.#failure = { error }
    this.#options.failed(error)
    for (const { done } of this.#waiting) done(error)
  }

  async #writePending(): Promise<void> {
    const records = this.#pending
    this.#pending = this.#spare
    this.#spare = records
    await writeWhole(this.#file, records.frame())
    this.#bytes += records.size
    records.clear()
  }

  #limit(): number {
    const { compactAbove, everything } = this.#options
    return Math.max(compactAbove, 2 * everything.bytes(), 2 * this.#compacted)
  }

  #compact(): void {
    const { folder, everything } = this.#options
    this.#compactions += 1
    this.#compaction = startCompaction({
      number: this.#compactions,
      draft: draftOf(folder),
      everything,
      ready: () => this.#work(),
      failed: error => this.#fail(error),
    })
  }

  // What is pending is in the new journal too.
  async #changeOver(): Promise<void> {
    const { folder } = this.#options
    const finished = this.#compaction?.finish(fileOf(folder))
    this.#compaction = undefined
    this.#pending.clear()
    this.#bytes = (await finished) ?? 0
    this.#compacted = this.#bytes
    await this.#file.close()
    this.#file = await openForAppend(fileOf(folder))
  }
}
