import type { Log } from '../../shared/runtime/log.ts'
import type { State } from './call.ts'
import { buildIndex, type Collection, insert, makeCollection, remove, replace } from './collection.ts'
import { makeCursors } from './cursors.ts'
import { decode, encode } from './document.ts'
import { recover } from './folder.ts'
import type { Entry } from './frames.ts'
import { openJournal } from './journal.ts'
import { keyOf } from './value.ts'

/** The collections of a data folder, and the journal that keeps them. */
export type Storage = {
  state: State
  flushed(): Promise<void>
  failed: Promise<unknown>
  close(): Promise<void>
}

const nothing = Buffer.alloc(0)

/**
 * Reads what the folder holds and opens its journal.
 * @throws SagaError `data-damaged`
 */
export const openStorage = async (
  folder: string,
  log: Log,
  compactAbove = 64 * 1024 * 1024,
): Promise<Storage> => {
  const collections: State['collections'] = new Map()
  let record: (entry: Entry) => void = () => {}
  // A collection comes to be with its first change, as in MongoDB.
  const collection = (ns: string): Collection => {
    const there = collections.get(ns)
    if (there !== undefined) return there
    const made = makeCollection(ns, change => {
      if (collections.get(ns) !== made) record({ op: 'create', ns, body: nothing })
      collections.set(ns, made)
      record({ ...change, ns })
    })
    return made
  }
  const drop = (ns: string): boolean => {
    record({ op: 'drop', ns, body: nothing })
    return collections.delete(ns)
  }
  const standing = recover(folder, log, entry => {
    const into = collection(entry.ns)
    if (entry.op === 'drop') collections.delete(entry.ns)
    else if (entry.op === 'create') collections.set(entry.ns, into)
    else apply(entry, into)
  })
  let fail: (error: unknown) => void = () => {}
  const failed = new Promise<unknown>(resolve => {
    fail = resolve
  })
  const everything = () => [...collections.values()].flatMap(entriesOf)
  const journal = await openJournal({ folder, standing, log, everything, failed: fail, compactAbove })
  record = journal.append
  const state: State = { collections, cursors: makeCursors(), collection, drop }
  return { state, flushed: journal.flushed, failed, close: journal.close }
}

const apply = ({ op, body }: Entry, into: Collection): void => {
  const document = decode(body)
  const old = op === 'index' ? undefined : into.documents.get(keyOf(document.get('_id') ?? null))
  if (op === 'index') buildIndex(into, document)()
  else if (old === undefined) insert(into, document)
  else if (op === 'remove') remove(into, old)
  else replace(into, old, document)
}

// Indexes come first, so that each document is placed once.
const entriesOf = ({ ns, indexes, documents }: Collection): Entry[] => [
  { op: 'create', ns, body: nothing },
  ...indexes.map(({ spec }) => ({ op: 'index' as const, ns, body: encode(spec) })),
  ...[...documents.values()].map(({ raw }) => ({ op: 'put' as const, ns, body: raw })),
]
