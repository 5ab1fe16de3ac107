/**
 * Collects what is given while a batch is under way, and hands it over in batches of at most `most`; one
 * batch at a time.
 */
export const batches = <Item>(
  most: number,
  take: (items: readonly Item[]) => Promise<void>,
): { add(item: Item): Promise<void> } => {
  type Waiting = { item: Item; done: () => void; failed: (error: unknown) => void }
  let waiting: Waiting[] = []
  let busy = false
  const next = async () => {
    const some = waiting.slice(0, most)
    waiting = waiting.slice(most)
    try {
      await take(some.map(({ item }) => item))
      for (const { done } of some) done()
    } catch (error) {
      for (const { failed } of some) failed(error)
    }
  }
  const turn = async () => {
    if (busy) return
    busy = true
    // What comes within the same turn of the loop is taken together.
    await new Promise(resolve => setImmediate(resolve))
    while (waiting.length > 0) await next()
    busy = false
  }
  return {
    add: item =>
      new Promise((done, failed) => {
        waiting.push({ item, done, failed })
        void turn()
      }),
  }
}
