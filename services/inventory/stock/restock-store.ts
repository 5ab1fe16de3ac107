import type { Sku } from '../../contract/ids.ts'

/**
 * What an operator added to the stock of a SKU, once: the plan is fixed with the first write, so that whoever
 * carries it out adds the same.
 */
export type Restock = {
  readonly id: string
  readonly sku: Sku
  readonly units: number
  /** How many units go to which lot; a lot that is not there is made. */
  readonly parts: readonly { readonly lot: number; readonly units: number }[]
  /** When it was asked for (ms). */
  readonly at: number
  /** `open` until every part is in its lot, `added` until the lots have forgotten which part was whose. */
  readonly status: 'open' | 'added' | 'done'
}

/** Where inventory keeps what was asked of it. `store-unavailable` means unknown, as for every store. */
export type RestockStore = {
  /** Puts it on record, unless one with its id is there; resolves with what is on record. */
  begin(restock: Restock): Promise<Restock>
  find(id: string): Promise<Restock | undefined>
  /** Goes on to the next status; never back. */
  advance(id: string, status: 'added' | 'done'): Promise<void>
  /** Restocks that were asked for before `at` (ms) and are not done, the oldest first, at most `limit`. */
  unfinished(at: number, limit: number): Promise<readonly Restock[]>
}
