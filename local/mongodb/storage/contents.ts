import type { Index, Stored } from '../query/indexes.ts'
import { makeSlots, type Slots } from '../query/slots.ts'
import type { Patch } from '../update/patch.ts'
import { type ChangeLog, type Collection, makeCollection } from './collection.ts'
import type { Everything } from './compaction.ts'
import type { Journal } from './journal.ts'
import type { Records } from './records.ts'

/**
 * All collections of a data folder. Their changes go into the journal, and the journal can be written anew
 * from them.
 */
export class Contents implements ChangeLog, Everything {
  readonly collections = new Map<string, Collection>()
  readonly slots: Slots = makeSlots()
  /** Where changes go; nowhere while the journal is read. */
  journal: Journal | undefined
  nextDocument = 0
  nextCollection = 0
  #bytes = 0
  #dropped = 0

  /** The collection, or an empty one that comes to be with its first change. */
  collection(ns: string): Collection {
    return this.collections.get(ns) ?? this.made(ns, this.nextCollection++)
  }

  made(ns: string, number: number): Collection {
    const nextNumber = () => this.nextDocument++
    return makeCollection(ns, number, { nextNumber, slots: this.slots, log: this, since: this.#dropped })
  }

  inserted(collection: Collection, stored: Stored): void {
    this.#keep(collection)
    const { bytes, at } = stored.slot
    stored.compaction = this.journal?.compaction() ?? 0
    this.#bytes += bytes.readInt32LE(at)
    this.#append(collection, records => records.put(collection.number, stored.number, bytes, at), stored)
  }

  patched(collection: Collection, stored: Stored, patch: Patch): void {
    this.#bytes += patch.growth
    this.#append(collection, records => records.patch(stored.number, patch), stored)
  }

  indexed(collection: Collection, index: Index): void {
    this.#keep(collection)
    this.#append(collection, records => records.index(collection.number, index.bytes))
  }

  drop(ns: string): void {
    const collection = this.collections.get(ns)
    if (collection === undefined) return
    this.collections.delete(ns)
    for (const { slot } of collection.ids.byKey.values()) {
      this.#bytes -= slot.bytes.readInt32LE(slot.at)
      this.slots.give(slot)
    }
    this.#append(collection, records => records.drop(collection.number))
    this.#dropped = collection.changedAt
  }

  /** Takes note that the documents have that many bytes more. */
  counted(bytes: number): void {
    this.#bytes += bytes
  }

  #keep(collection: Collection): void {
    if (this.collections.has(collection.ns)) return
    this.collections.set(collection.ns, collection)
    this.#append(collection, records => records.collection(collection.number, collection.ns))
  }

  #append(collection: Collection, write: (records: Records) => void, stored?: Stored): void {
    this.journal?.append(write, stored)
    collection.changedAt = this.journal?.position() ?? 0
  }

  bytes(): number {
    return this.#bytes
  }

  declare(records: Records): void {
    for (const { number, ns, indexes } of this.collections.values()) {
      records.collection(number, ns)
      for (const { bytes } of indexes.slice(1)) records.index(number, bytes)
    }
  }

  /** All documents; those of a collection that is dropped in between are left out from then on. */
  *documents(): Generator<[number, Stored], void> {
    for (const collection of this.collections.values())
      for (const stored of collection.ids.byKey.values()) {
        if (this.collections.get(collection.ns) !== collection) break
        yield [collection.number, stored]
      }
  }
}
