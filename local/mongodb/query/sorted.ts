import type { Key } from '../bson/order.ts'

/** What a sorted list holds: a key, and a document that distinguishes entries of one key. */
export type Entry<Of extends { number: number }> = { readonly key: Key; readonly of: Of }

const blockSize = 512

/** Entries by key, in blocks: adding, removing, seeking and counting cost little, however many there are. */
export class Sorted<Of extends { number: number }, Item extends Entry<Of> = Entry<Of>> {
  readonly #blocks: Item[][] = [[]]

  add(item: Item): void {
    const { block, at, place } = this.#find(item.key, item.of.number)
    block.splice(place, 0, item)
    if (block.length > 2 * blockSize) this.#blocks.splice(at + 1, 0, block.splice(blockSize))
  }

  remove(item: Item): void {
    const { block, at, place } = this.#find(item.key, item.of.number)
    if (block[place] !== item) return
    block.splice(place, 1)
    if (block.length === 0 && this.#blocks.length > 1) this.#blocks.splice(at, 1)
  }

  /** Shows the entries from the key `from` to before `to`, in order, until `see` says false. */
  visit(from: Key, to: Key, see: (item: Item) => boolean): void {
    const first = this.#find(from, -1)
    for (let at = first.at; at < this.#blocks.length; at += 1) {
      const block = this.#blocks[at] ?? []
      for (let i = at === first.at ? first.place : 0; i < block.length; i += 1) {
        const item = block[i] as Item
        if (item.key >= to || !see(item)) return
      }
    }
  }

  /** As `visit`, from the last of these entries to the first. */
  visitBack(from: Key, to: Key, see: (item: Item) => boolean): void {
    const end = this.#find(to, -1)
    for (let at = end.at; at >= 0; at -= 1) {
      const block = this.#blocks[at] ?? []
      for (let i = (at === end.at ? end.place : block.length) - 1; i >= 0; i -= 1) {
        const item = block[i] as Item
        if (item.key < from || !see(item)) return
      }
    }
  }

  /** How many entries there are from the key `from` to before `to`; it looks at none between the two. */
  count(from: Key, to: Key): number {
    if (from >= to) return 0
    const [first, end] = [this.#find(from, -1), this.#find(to, -1)]
    let count = end.place - first.place
    for (let at = first.at; at < end.at; at += 1) count += this.#blocks[at]?.length ?? 0
    return count
  }

  // The first place whose entry is not before the key and number.
  #find(key: Key, number: number): { block: Item[]; at: number; place: number } {
    const blocks = this.#blocks
    let [low, high] = [0, blocks.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (isBefore(blocks[middle]?.at(-1), key, number)) low = middle + 1
      else high = middle
    }
    const block = blocks[low] ?? []
    return { block, at: low, place: placeIn(block, key, number) }
  }
}

const placeIn = (block: readonly Entry<{ number: number }>[], key: Key, number: number): number => {
  let [low, high] = [0, block.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (isBefore(block[middle], key, number)) low = middle + 1
    else high = middle
  }
  return low
}

const isBefore = (item: Entry<{ number: number }> | undefined, key: Key, number: number): boolean =>
  item !== undefined && (item.key === key ? item.of.number < number : item.key < key)
