import type { Log } from '../../../shared/runtime/telemetry/log.ts'
import type { Reading } from '../bson/growing.ts'
import { comparableKey } from '../bson/order.ts'
import type { Stored } from '../query/indexes.ts'
import { Patch } from '../update/patch.ts'
import { buildIndex, type Collection, idIn, newStored } from './collection.ts'
import type { Contents } from './contents.ts'
import { replay } from './frames.ts'
import { type Redo, readRecords } from './records.ts'

/**
 * Builds what a journal holds. Returns the bytes of its records.
 * @throws SagaError `data-damaged`, `backend-mismatch` for a journal of an older form
 */
export const recover = (contents: Contents, file: string, log: Log): number => {
  const rebuilding = new Rebuilding(contents)
  let bytes = 0
  replay(file, log, payload => {
    bytes += readRecords(payload, rebuilding)
  })
  rebuilding.buildIndexes()
  return bytes
}

/** Documents alone; the indexes are built over them at the end, so that each document is placed once. */
class Rebuilding implements Redo {
  readonly #contents: Contents
  readonly #collections = new Map<number, Collection>()
  readonly #documents = new Map<number, Stored>()
  readonly #indexes = new Map<number, Buffer[]>()
  readonly #patch = new Patch()

  constructor(contents: Contents) {
    this.#contents = contents
  }

  collection(number: number, ns: string): void {
    const collection = this.#contents.made(ns, number)
    this.#contents.nextCollection = Math.max(this.#contents.nextCollection, number + 1)
    this.#contents.collections.set(ns, collection)
    this.#collections.set(number, collection)
    this.#indexes.set(number, [])
  }

  index(collection: number, spec: Buffer): void {
    known(this.#indexes, collection).push(spec)
  }

  drop(number: number): void {
    const { ids, ns } = known(this.#collections, number)
    for (const stored of ids.byKey.values()) this.#documents.delete(stored.number)
    this.#contents.drop(ns)
    this.#collections.delete(number)
    this.#indexes.delete(number)
  }

  put(collection: number, number: number, bytes: Buffer, at: number): void {
    const { ids } = known(this.#collections, collection)
    const size = bytes.readInt32LE(at)
    const slot = this.#contents.slots.take(size)
    bytes.copy(slot.bytes, slot.at, at, at + size)
    const stored = newStored(number, comparableKey(idIn(slot.bytes, slot.at)), slot)
    ids.add(stored)
    this.#documents.set(number, stored)
    this.#contents.nextDocument = Math.max(this.#contents.nextDocument, number + 1)
    this.#contents.counted(size)
  }

  patch(number: number, from: Reading): void {
    const stored = known(this.#documents, number)
    const { slot } = stored
    this.#patch.read(from)
    const size = slot.bytes.readInt32LE(slot.at) + this.#patch.growth
    const next = this.#contents.slots.take(size)
    this.#patch.apply(slot.bytes, slot.at, next.bytes, next.at)
    if (next.bytes.readInt32LE(next.at) !== size) throw new RangeError('a change does not fit its document')
    this.#contents.slots.give(slot)
    stored.slot = next
    this.#contents.counted(this.#patch.growth)
  }

  buildIndexes(): void {
    for (const [number, specs] of this.#indexes)
      for (const spec of specs) buildIndex(known(this.#collections, number), spec)()
  }
}

const known = <Value>(all: Map<number, Value>, number: number): Value => {
  const value = all.get(number)
  if (value === undefined) throw new RangeError(`nothing has the number ${number}`)
  return value
}
