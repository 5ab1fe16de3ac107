import { columnOf, type Key } from '../bson/order.ts'
import type { IndexEntry, Stored } from './indexes.ts'
import { Sorted } from './sorted.ts'

/**
 * The documents of a collection by the key of their `_id`. Their order is made when somebody asks for it, and
 * no sooner.
 */
export class Ids {
  readonly byKey = new Map<Key, Stored>()
  readonly #sorted = new Sorted<Stored, IndexEntry>()
  #unsorted: Stored[] = []

  add(stored: Stored): void {
    this.byKey.set(stored.key, stored)
    this.#unsorted.push(stored)
  }

  /** The entries of the index of `_id`. */
  entries(): Sorted<Stored, IndexEntry> {
    for (const of of this.#unsorted) this.#sorted.add({ key: columnOf(of.key), of, index: undefined })
    this.#unsorted = []
    return this.#sorted
  }
}
