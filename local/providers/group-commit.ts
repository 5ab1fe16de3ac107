import { setImmediate as turn } from 'node:timers/promises'

/** Items wait while a write is under way and then go together: one sync pays for all of them. */
export type GroupCommit<Item> = {
  /**
   * Resolves once the item is written. After one failed write everything fails: nobody knows what the disk
   * holds.
   */
  add(item: Item): Promise<void>
  /** Resolves when nothing is being written any more. */
  idle(): Promise<void>
}

type Waiting<Item> = { item: Item; resolve: () => void; reject: (why: unknown) => void }

/** Writes items in the order they were added, by one `write` at a time. */
export const groupCommit = <Item>(write: (items: Item[]) => Promise<void>): GroupCommit<Item> => {
  let queue: Waiting<Item>[] = []
  let running: Promise<void> | undefined
  let broken: { why: unknown } | undefined

  const writeGroup = async (group: Waiting<Item>[]) => {
    try {
      if (broken) throw broken.why
      await write(group.map(({ item }) => item))
      for (const { resolve } of group) resolve()
    } catch (why) {
      broken ??= { why }
      for (const { reject } of group) reject(why)
    }
  }

  const drain = async () => {
    await turn() // all that came with one read of the sockets belongs to the first group
    while (queue.length > 0) {
      const group = queue
      queue = []
      await writeGroup(group)
    }
    running = undefined
  }

  return {
    add: item =>
      new Promise((resolve, reject) => {
        queue.push({ item, resolve, reject })
        running ??= drain()
      }),
    idle: async () => {
      while (running) await running
    },
  }
}
