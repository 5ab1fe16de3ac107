import type { Restock, RestockStore } from './restock-store.ts'

/** Restocks in this process, under exactly the promises of `RestockStore`. */
export const memoryRestockStore = (): RestockStore => {
  const restocks = new Map<string, Restock>()
  return {
    begin: async restock => {
      const known = restocks.get(restock.id) ?? restock
      restocks.set(restock.id, known)
      return known
    },
    find: async id => restocks.get(id),
    advance: async (id, status) => {
      const known = restocks.get(id)
      if (known && known.status !== 'done') restocks.set(id, { ...known, status })
    },
    unfinished: async (at, limit) =>
      [...restocks.values()]
        .filter(restock => restock.status !== 'done' && restock.at < at)
        .sort((a, b) => a.at - b.at)
        .slice(0, limit),
  }
}
