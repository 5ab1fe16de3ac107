import { type FileHandle, open, rename } from 'node:fs/promises'
import type { Stored } from '../query/indexes.ts'
import { writeWhole } from './disk.ts'
import { Records } from './records.ts'

/** The journal being written anew, a piece at a time, while the old one goes on to be written. */
export type Compaction = {
  /**
   * Takes a change too when it is of something that is in the new journal already. Anything else will be
   * written as it is then.
   */
  append(write: (records: Records) => void, stored?: Stored): void
  /** Whether everything is written but the last changes. */
  isReady(): boolean
  /**
   * Writes them, makes sure of the whole, and gives it its name in one step. From the call on no change is
   * taken. Returns the bytes of its records.
   */
  finish(name: string): Promise<number>
  abandon(): Promise<void>
}

type Options = {
  /** Which compaction of this journal it is. */
  number: number
  draft: string
  everything: Everything
  ready(): void
  failed(error: unknown): void
}

const pieceSize = 1024 * 1024

/** Begins to write the journal anew. */
export const startCompaction = (options: Options): Compaction => new Copying(options)

class Copying implements Compaction {
  readonly #options: Options
  readonly #documents: ReturnType<Everything['documents']>
  readonly #copied: Promise<FileHandle>
  // What is written next, and what is being written.
  #records = new Records()
  #spare = new Records()
  #bytes = 0
  #state: 'copying' | 'ready' | 'abandoned' = 'copying'

  constructor(options: Options) {
    this.#options = options
    this.#documents = options.everything.documents()
    options.everything.declare(this.#records)
    this.#copied = this.#copyAll()
    this.#copied.then(() => this.isReady() && options.ready(), options.failed)
  }

  append(write: (records: Records) => void, stored?: Stored): void {
    if (stored === undefined || stored.compaction === this.#options.number) write(this.#records)
  }

  isReady(): boolean {
    return this.#state === 'ready'
  }

  async #copyAll(): Promise<FileHandle> {
    const file = await open(this.#options.draft, 'w')
    while (this.#state === 'copying') {
      if (this.#copyPiece()) await this.#write(file)
      else this.#state = 'ready'
    }
    return file
  }

  // False when there is nothing more to copy.
  #copyPiece(): boolean {
    while (this.#records.size < pieceSize) {
      const { value, done } = this.#documents.next()
      if (done) return false
      this.#copy(...value)
    }
    return true
  }

  #copy(collection: number, stored: Stored): void {
    const { number } = this.#options
    if (stored.compaction === number) return
    stored.compaction = number
    this.#records.put(collection, stored.number, stored.slot.bytes, stored.slot.at)
  }

  async #write(file: FileHandle): Promise<void> {
    const records = this.#records
    this.#records = this.#spare
    this.#spare = records
    if (records.size === 0) return
    await writeWhole(file, records.frame())
    this.#bytes += records.size
    records.clear()
  }

  async finish(name: string): Promise<number> {
    const file = await this.#copied
    try {
      await this.#write(file)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(this.#options.draft, name)
    return this.#bytes
  }

  async abandon(): Promise<void> {
    this.#state = 'abandoned'
    const file = await this.#copied.catch(() => undefined)
    await file?.close()
  }
}

/** What a journal is written anew from. */
export type Everything = {
  /** How many bytes all documents have. */
  bytes(): number
  /** Names all collections and their indexes. */
  declare(records: Records): void
  /** All documents, each with the number of its collection. What comes in between may be left out. */
  documents(): Iterator<[number, Stored]>
}
