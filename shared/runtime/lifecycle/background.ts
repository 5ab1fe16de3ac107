/** Work that nobody waits for, so that a drain can wait for all of it. */
export type BackgroundWork = {
  /** Takes over the work; it must not reject. */
  add(work: Promise<unknown>): void
  /** Resolves when none is left, also of what was added meanwhile. */
  idle(): Promise<void>
}

export const backgroundWork = (): BackgroundWork => {
  const open = new Set<Promise<unknown>>()
  return {
    add: work => {
      open.add(work)
      void work.finally(() => open.delete(work))
    },
    idle: async () => {
      while (open.size > 0) await Promise.all(open)
    },
  }
}
