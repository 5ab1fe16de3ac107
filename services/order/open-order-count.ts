import type { Store } from '../../shared/saga/document/store.ts'

/**
 * What an instance knows of the open orders: the last count over all instances, and what it saw begin and end
 * since.
 */
export type OpenOrderCount = {
  began(): void
  ended(): void
  /** How many are open, as far as this instance knows; at least 0. */
  known(): number
  /**
   * Marks the moment of a new count. Its result takes the place of everything that was known at that moment.
   */
  mark(): (count: number) => void
}

/** A tally that knows of no order. */
export const openOrderCount = (): OpenOrderCount => {
  let counted = 0
  let since = 0
  return {
    began: () => {
      since++
    },
    ended: () => {
      since--
    },
    known: () => Math.max(0, counted + since),
    mark: () => {
      const before = since
      return count => {
        counted = count
        since -= before
      }
    },
  }
}

/**
 * The same store; it notifies the tally of each order that begins here, and of each that is settled here
 * while `counts(due)` holds.
 */
export const countingStore = <S>(
  store: Store<S>,
  { began, ended }: Pick<OpenOrderCount, 'began' | 'ended'>,
  counts: (due: number) => boolean,
): Store<S> => ({
  ...store,
  commit: async (document, change) => {
    const outcome = await store.commit(document, change)
    if (outcome === 'conflict') return outcome
    if (document.version === 0 && change.due != null) began()
    if (change.due === null && document.due !== undefined && counts(document.due)) ended()
    return outcome
  },
})
