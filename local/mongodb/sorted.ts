const blockSize = 512

/** A sorted list in blocks: adding, removing and seeking cost a binary search and a short move, whatever its length. */
export type Sorted<Item> = {
  add(item: Item): void
  remove(item: Item): void
  /** The items from the first one that is not `before`, in order; `before` holds for a prefix of the list. */
  from(before: (item: Item) => boolean): Generator<Item, void>
}

/** An empty sorted list; `order` never calls two different items equal. */
export const sorted = <Item>(order: (a: Item, b: Item) => number): Sorted<Item> => {
  const blocks: Item[][] = [[]]
  // The first block whose last item is not `before`, or the last one, with the place in it.
  const find = (before: (item: Item) => boolean) => {
    const at = Math.min(
      firstNot(blocks, block => block.length > 0 && before(block.at(-1) as Item)),
      blocks.length - 1,
    )
    const block = blocks[at] ?? []
    return { at, block, place: firstNot(block, before) }
  }
  const add = (item: Item) => {
    const { at, block, place } = find(other => order(other, item) < 0)
    block.splice(place, 0, item)
    if (block.length > 2 * blockSize) blocks.splice(at + 1, 0, block.splice(blockSize))
  }
  const remove = (item: Item) => {
    const { at, block, place } = find(other => order(other, item) < 0)
    if (block[place] !== item) return
    block.splice(place, 1)
    if (block.length === 0 && blocks.length > 1) blocks.splice(at, 1)
  }
  function* from(before: (item: Item) => boolean) {
    const first = find(before)
    for (let at = first.at; at < blocks.length; at += 1) {
      const block = blocks[at] ?? []
      for (let i = at === first.at ? first.place : 0; i < block.length; i += 1) yield block[i] as Item
    }
  }
  return { add, remove, from }
}

/** The place of the first item that is not `before`, which holds for a prefix of the list. */
export const firstNot = <Item>(items: readonly Item[], before: (item: Item) => boolean): number => {
  let [low, high] = [0, items.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (before(items[middle] as Item)) low = middle + 1
    else high = middle
  }
  return low
}
