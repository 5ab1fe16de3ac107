import type { EventId, SubjectId } from '../../contract/ids.ts'
import { applyChange, type Change, type SagaDocument } from '../../saga/document/document.ts'
import type { DoneCache, Store } from '../../saga/document/store.ts'
import { frozen } from './frozen.ts'

/** What is kept of a value that is stored. */
export type Keep = <T>(value: T) => T

/** A store that is gone with the process; `all` shows its documents in order of id. */
export type MemoryStore<S> = Store<S> & { all(): readonly SagaDocument<S>[] }

/**
 * Documents in this process, under exactly the promises of `Store`. They are frozen, so no reader can change
 * what is stored; with `keep` as they are, for whoever makes millions of them and would see a reader's change
 * as what it is.
 */
export const memoryStore = <S>({ keep = frozen }: { keep?: Keep } = {}): MemoryStore<S> => {
  const documents = new Map<SubjectId, SagaDocument<S>>()
  const all = () => [...documents.values()].sort(byId)

  const commit = (document: SagaDocument<S>, change: Change<S>): 'committed' | 'conflict' => {
    const current = documents.get(document.subject)
    if (document.version !== (current?.version ?? 0)) return 'conflict'
    // On top of what is stored, not of what was read: ids leave `unsent` without a new version.
    documents.set(document.subject, keep(applyChange(current ?? document, change)))
    return 'committed'
  }
  const clearUnsent = (subject: SubjectId, ids: readonly EventId[]): void => {
    const current = documents.get(subject)
    if (!current) return
    documents.set(subject, keep({ ...current, unsent: current.unsent.filter(id => !ids.includes(id)) }))
  }
  return {
    load: async subject => documents.get(subject),
    commit: async (document, change) => commit(document, change),
    clearUnsent: async (subject, ids) => clearUnsent(subject, ids),
    unsent: async ({ after, limit }) =>
      [...documents.values()]
        .filter(({ subject, unsent }) => unsent.length > 0 && (after === undefined || subject > after))
        .sort(byId)
        .slice(0, limit),
    due: async (now, limit) =>
      [...documents.values()]
        .filter(({ due }) => due !== undefined && due <= now)
        .sort((a, b) => (a.due ?? 0) - (b.due ?? 0))
        .slice(0, limit),
    stuck: async limit =>
      [...documents.values()]
        .filter(({ stuckSince }) => stuckSince !== undefined)
        .sort((a, b) => (a.stuckSince ?? 0) - (b.stuckSince ?? 0))
        .slice(0, limit),
    tryWrite: async () => {},
    countDue: async ({ from, to, limit }) => {
      const found = [...documents.values()].filter(({ due = Number.NaN }) => from <= due && due <= to)
      return Math.min(found.length, limit)
    },
    all,
  }
}

const byId = (a: SagaDocument, b: SagaDocument): number => compare(a.subject, b.subject)

// Code units, as a database compares strings of ASCII; a locale would order them otherwise.
const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

/** Notes in this process; `wipe` forgets them all, as Redis may at any moment. */
export const memoryDoneCache = (): DoneCache & { wipe(): void } => {
  const done = new Set<EventId>()
  return {
    isDone: async id => done.has(id),
    markDone: async id => void done.add(id),
    wipe: () => done.clear(),
  }
}
