import { Growing, type Reading } from '../bson/growing.ts'
import { copyBytes } from '../bson/walk.ts'

/**
 * What changes a document's bytes: stretches that are taken out, in order, with what comes in their place. It
 * is made of the operators of an update, applied to the document in memory, and is what the journal keeps of
 * the update. One patch is used again and again.
 */
export class Patch {
  count = 0
  /** By how many bytes the document grows. */
  growth = 0
  /** What is put in, one after the other. */
  readonly put = new Growing(64 * 1024)
  // Of each stretch: where it begins, how long it is, and where what is put in its place begins and ends in
  // `put`.
  readonly #at: number[] = []
  readonly #removed: number[] = []
  readonly #from: number[] = []
  readonly #to: number[] = []
  readonly #grown: number[] = []

  reset(): void {
    this.count = 0
    this.growth = 0
    this.put.length = 0
  }

  /**
   * Begins a stretch behind all others; what is written to `put` until `close` comes in its place. Returns
   * its number.
   */
  open(at: number, removed: number): number {
    const k = this.count
    this.count += 1
    this.#at[k] = at
    this.#removed[k] = removed
    this.#from[k] = this.put.length
    this.#to[k] = this.put.length
    return k
  }

  close(k: number): void {
    this.#to[k] = this.put.length
    this.growth += this.put.length - (this.#from[k] ?? 0) - (this.#removed[k] ?? 0)
  }

  /** Ends the last stretch; it stays out of the patch when it puts nothing in the place of nothing. */
  closeUnlessEmpty(k: number): void {
    this.close(k)
    if (this.#from[k] === this.#to[k] && this.#removed[k] === 0) this.count = k
  }

  replace(at: number, removed: number, source: Buffer, from: number, to: number): void {
    const k = this.open(at, removed)
    this.put.copy(source, from, to)
    this.close(k)
  }

  /**
   * Begins the changes within a document or array of this length (bytes) that begins at `at`; `leave` ends
   * them. Returns its number.
   */
  enter(at: number, length: number): number {
    const k = this.open(at, 4)
    this.put.int32(length)
    this.close(k)
    this.#grown[k] = this.growth
    return k
  }

  /**
   * The length of what was entered follows from what was changed within it; it stays out of the patch when it
   * is the same.
   */
  leave(k: number): void {
    const from = this.#from[k] ?? 0
    const growth = this.growth - (this.#grown[k] ?? 0)
    if (this.count === k + 1) {
      this.count = k
      this.put.length = from
    } else if (growth === 0) {
      this.#removed[k] = 0
      this.#to[k] = from
    } else this.put.bytes.writeInt32LE(this.put.bytes.readInt32LE(from) + growth, from)
  }

  /** Writes the document at `at` with its changes to the target. */
  apply(old: Buffer, at: number, target: Buffer, targetAt: number): void {
    const end = at + old.readInt32LE(at)
    let [read, write] = [at, targetAt]
    for (let k = 0; k < this.count; k += 1) {
      const begins = at + (this.#at[k] ?? 0)
      copyBytes(old, read, begins, target, write)
      write += begins - read
      const [from, to] = [this.#from[k] ?? 0, this.#to[k] ?? 0]
      copyBytes(this.put.bytes, from, to, target, write)
      write += to - from
      read = begins + (this.#removed[k] ?? 0)
    }
    copyBytes(old, read, end, target, write)
  }

  write(to: Growing): void {
    to.varint(this.count)
    let last = 0
    for (let k = 0; k < this.count; k += 1) {
      const [at, removed] = [this.#at[k] ?? 0, this.#removed[k] ?? 0]
      const [from, end] = [this.#from[k] ?? 0, this.#to[k] ?? 0]
      to.varint(at - last)
      to.varint(removed)
      to.varint(end - from)
      to.copy(this.put.bytes, from, end)
      last = at + removed
    }
  }

  /** What `write` wrote. Raises a RangeError when it ends too early. */
  read(from: Reading): void {
    this.reset()
    let last = 0
    for (let left = from.varint(); left > 0; left -= 1) {
      const at = last + from.varint()
      const removed = from.varint()
      const size = from.varint()
      const begins = from.pass(size)
      this.replace(at, removed, from.bytes, begins, begins + size)
      last = at + removed
    }
  }
}
