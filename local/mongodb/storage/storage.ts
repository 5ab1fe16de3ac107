import { existsSync, rmSync } from 'node:fs'
import type { Log } from '../../../shared/runtime/telemetry/log.ts'
import type { Cursors } from '../commands/cursors.ts'
import type { Collection } from './collection.ts'
import { Contents } from './contents.ts'
import { draftOf, fileOf, type Journal, openJournal } from './journal.ts'
import { recover } from './recovery.ts'

/** The collections of a data folder, and the journal that keeps them. */
export type Storage = {
  /** By namespace, `database.collection`. */
  collections: ReadonlyMap<string, Collection>
  cursors: Cursors
  /** The collection, or an empty one that comes to be with its first change. */
  collection(ns: string): Collection
  drop(ns: string): void
  journal: Pick<Journal, 'position' | 'whenFlushed' | 'flushed'>
  /** Resolves with the error when the disk refuses a write. */
  failed: Promise<unknown>
  close(): Promise<void>
}

/**
 * Reads what the folder holds and opens its journal.
 * @throws SagaError `data-damaged`, `backend-mismatch` for a journal of an older form
 */
export const openStorage = async (
  folder: string,
  log: Log,
  compactAbove = 64 * 1024 * 1024,
): Promise<Storage> => {
  rmSync(draftOf(folder), { force: true })
  const contents = new Contents()
  const bytes = existsSync(fileOf(folder)) ? recover(contents, fileOf(folder), log) : 0
  let fail: (error: unknown) => void = () => {}
  const failed = new Promise<unknown>(resolve => {
    fail = resolve
  })
  const journal = await openJournal({ folder, bytes, everything: contents, failed: fail, compactAbove })
  contents.journal = journal
  return {
    collections: contents.collections,
    cursors: new Map(),
    collection: ns => contents.collection(ns),
    drop: ns => contents.drop(ns),
    journal,
    failed,
    close: () => journal.close(),
  }
}
