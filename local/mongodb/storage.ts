import type { Log } from '../../shared/runtime/log.ts'
import type { State } from './call.ts'
import { addIndex, type Collection, insert, makeCollection, remove, replace } from './collection.ts'
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
  const collection = (ns: string): Collection => {
    const there = collections.get(ns)
    if (there !== undefined) return there
    const made = makeCollection(ns, change => record({ ...change, ns }))
    collections.set(ns, made)
    record({ op: 'create', ns, body: nothing })
    return made
  }
  const drop = (ns: string): boolean => {
    record({ op: 'drop', ns, body: nothing })
    return collections.delete(ns)
  }
  const standing = recover(folder, log, entry => apply(entry, collection, drop))
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

const apply = (
  { op, ns, body }: Entry,
  collection: (ns: string) => Collection,
  drop: (ns: string) => boolean,
) => {
  if (op === 'drop') return drop(ns)
  const into = collection(ns)
  if (op === 'create') return
  const document = decode(body)
  if (op === 'index') return addIndex(into, document)
  const old = into.documents.get(keyOf(document.get('_id') ?? null))
  if (op === 'remove') return old && remove(into, old)
  return old === undefined ? insert(into, document) : replace(into, old, document)
}

// Indexes come first, so that each document is placed once.
const entriesOf = ({ ns, indexes, documents }: Collection): Entry[] => [
  { op: 'create', ns, body: nothing },
  ...indexes.map(({ spec }) => ({ op: 'index' as const, ns, body: encode(spec) })),
  ...[...documents.values()].map(({ raw }) => ({ op: 'put' as const, ns, body: raw })),
]
