/** A piece of memory for one document, which may be shorter than it. */
export type Slot = { readonly bytes: Buffer; readonly at: number; readonly size: number }

/**
 * Memory for documents outside the heap of V8: what is stored costs no garbage collection, however much it
 * is.
 */
export type Slots = {
  /** A slot of at least that many bytes, at most 16 MiB and a little. */
  take(length: number): Slot
  /** Takes a slot back for other documents. */
  give(slot: Slot): void
}

const smallest = 64
const largest = 17 * 1024 * 1024
const slabSize = 256 * 1024

// Sizes grow by an eighth, so a sixteenth of the memory is wasted on average.
const sizes: number[] = []
for (let size = smallest; size < largest; size = Math.ceil((size * 9) / 8 / 16) * 16) sizes.push(size)
sizes.push(largest)

// Which size fits, by the length in units of 16 bytes; long ones are looked for.
const unit = 16
const fitting = Uint8Array.from({ length: 2_048 }, (_, units) =>
  sizes.findIndex(size => size >= units * unit),
)
const classOf = (length: number): number => {
  const known = fitting[Math.ceil(length / unit)]
  return known ?? sizes.findIndex(size => size >= length)
}

/**
 * Memory that holds nothing yet. It comes in slabs of 256 KiB, each cut into slots of one size; a slot that
 * is given back is used again.
 */
export const makeSlots = (): Slots => {
  const free: Slot[][] = sizes.map(() => [])
  // Shared memory is not counted by V8. For ordinary buffers it would collect its whole heap again and again
  // as they become more.
  const cut = (kind: number): Slot => {
    const size = sizes[kind] ?? largest
    const slab = Buffer.from(new SharedArrayBuffer(Math.max(size, Math.floor(slabSize / size) * size)))
    const slots = free[kind] ?? []
    for (let at = slab.length - size; at > 0; at -= size) slots.push({ bytes: slab, at, size })
    return { bytes: slab, at: 0, size }
  }
  const take = (length: number): Slot => {
    const kind = classOf(length)
    return free[kind]?.pop() ?? cut(kind)
  }
  const give = (slot: Slot) => {
    free[classOf(slot.size)]?.push(slot)
  }
  return { take, give }
}
