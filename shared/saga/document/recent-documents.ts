import type { SubjectId } from '../../contract/ids.ts'
import type { SagaDocument } from './document.ts'

/**
 * Documents as this process wrote them last. Somebody else may have written since, so each is a guess: a
 * decision on it counts only once its write has won, for that names the version. It spares the read before
 * the write.
 */
export type RecentDocuments<S = unknown> = {
  get(subject: SubjectId): SagaDocument<S> | undefined
  /** Keeps the document unless a newer version of it is kept. */
  keep(document: SagaDocument<S>): void
  forget(subject: SubjectId): void
}

/** At most `limit` documents; those that were written longest ago go first. */
export const recentDocuments = <S>(limit: number): RecentDocuments<S> => {
  const documents = new Map<SubjectId, SagaDocument<S>>()
  const keep = (document: SagaDocument<S>) => {
    const { subject, version } = document
    if ((documents.get(subject)?.version ?? 0) > version) return
    documents.delete(subject)
    documents.set(subject, document)
    if (documents.size > limit) forgetOldest()
  }
  const forgetOldest = () => {
    for (const oldest of documents.keys()) {
      documents.delete(oldest)
      return
    }
  }
  return {
    get: subject => documents.get(subject),
    keep,
    forget: subject => void documents.delete(subject),
  }
}
