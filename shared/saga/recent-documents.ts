import type { OrderId } from '../contract/ids.ts'
import type { OrderDocument } from '../persistence/document.ts'

/**
 * Documents as this process wrote them last. Somebody else may have written since, so each is a guess: a decision on it counts only
 * once its write has won, for that names the version. It spares the read before the write.
 */
export type RecentDocuments<S = unknown> = {
  get(orderId: OrderId): OrderDocument<S> | undefined
  /** Keeps the document unless a newer version of it is kept. */
  keep(document: OrderDocument<S>): void
  forget(orderId: OrderId): void
}

/** At most `limit` documents; those that were written longest ago go first. */
export const recentDocuments = <S>(limit: number): RecentDocuments<S> => {
  const documents = new Map<OrderId, OrderDocument<S>>()
  const keep = (document: OrderDocument<S>) => {
    const { orderId, version } = document
    if ((documents.get(orderId)?.version ?? 0) > version) return
    documents.delete(orderId)
    documents.set(orderId, document)
    if (documents.size > limit) forgetOldest()
  }
  const forgetOldest = () => {
    for (const oldest of documents.keys()) {
      documents.delete(oldest)
      return
    }
  }
  return {
    get: orderId => documents.get(orderId),
    keep,
    forget: orderId => void documents.delete(orderId),
  }
}
