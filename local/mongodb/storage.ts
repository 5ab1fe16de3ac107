import { existsSync, rmSync } from 'node:fs'
import type { Log } from '../../shared/runtime/log.ts'
import {
  buildIndex,
  type Collection,
  everyDocument,
  find,
  insert,
  makeCollection,
  replace,
} from './collection.ts'
import { decode, encode } from './document.ts'
import { parseFilter } from './filter.ts'
import { type Record, replay } from './frames.ts'
import { draftOf, fileOf, openJournal } from './journal.ts'
import type { Cursors } from './reads.ts'

/** The collections of a data folder, and the journal that keeps them. */
export type Storage = {
  /** By namespace, `database.collection`. */
  collections: Map<string, Collection>
  cursors: Cursors
  /** The collection, or an empty one that comes to be with its first change. */
  collection(ns: string): Collection
  drop(ns: string): void
  flushed(): Promise<void>
  /** Resolves with the error when the disk refuses a write. */
  failed: Promise<unknown>
  close(): Promise<void>
}

/**
 * Reads what the folder holds and opens its journal.
 * @throws SagaError `data-damaged`
 */
export const openStorage = async (
  folder: string,
  log: Log,
  compactAbove = 64 * 1024 * 1024,
): Promise<Storage> => {
  const collections = new Map<string, Collection>()
  let record: (change: Record) => void = () => {}
  const collection = (ns: string): Collection => {
    const made = makeCollection(ns, change => {
      collections.set(ns, made)
      record({ ...change, ns })
    })
    return collections.get(ns) ?? made
  }
  const drop = (ns: string) => {
    collections.delete(ns)
    record({ op: 'drop', ns, body: Buffer.alloc(0) })
  }
  rmSync(draftOf(folder), { force: true })
  const apply = (change: Record) =>
    change.op === 'drop' ? drop(change.ns) : redo(change, collection(change.ns))
  const bytes = existsSync(fileOf(folder)) ? replay(fileOf(folder), log, apply) : 0
  let fail: (error: unknown) => void = () => {}
  const failed = new Promise<unknown>(resolve => {
    fail = resolve
  })
  const everything = () => [...collections.values()].flatMap(recordsOf)
  const journal = await openJournal({ folder, bytes, everything, failed: fail, compactAbove })
  record = journal.append
  const { flushed, close } = journal
  return { collections, cursors: new Map(), collection, drop, flushed, failed, close }
}

const redo = ({ op, body }: Record, collection: Collection): void => {
  const document = decode(body)
  const id = document.get('_id')
  const [old] = id === undefined ? [] : find(collection, parseFilter(new Map([['_id', id]])), 1)
  if (op === 'index') buildIndex(collection, document)()
  else if (old === undefined) insert(collection, document)
  else replace(collection, old.stored, document)
}

// Indexes come first, so that each document is placed once.
const recordsOf = (collection: Collection): Record[] => {
  const { ns, indexes } = collection
  const specs = indexes.slice(1).map(({ spec }) => ({ op: 'index' as const, ns, body: encode(spec) }))
  return [
    ...specs,
    ...[...everyDocument(collection)].map(({ raw }) => ({ op: 'put' as const, ns, body: raw })),
  ]
}
