/**
 * Runs `task` for every item, at most `limit` of them at a time, and resolves with the results in the order
 * of the items.
 */
export const inParallel = async <Item, Result>(
  limit: number,
  items: readonly Item[],
  task: (item: Item) => Promise<Result>,
): Promise<Result[]> => {
  const results: Result[] = []
  const left = items.entries()
  const worker = async () => {
    for (const [i, item] of left) results[i] = await task(item)
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  return results
}
