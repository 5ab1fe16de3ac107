import type { Entry } from './entry.ts'

/**
 * One step of the story of an order. Durations are differences of clocks, so one may be negative when those
 * of two services differ.
 */
export type TimelineStep = Entry & {
  /** Milliseconds since its cause; absent when it has none, or none that is known. */
  readonly afterMs?: number
  /** Milliseconds since the first step. */
  readonly sinceStartMs: number
}

/** Something that others follow from and that the journal does not have. */
export type Gap = { readonly gap: true; readonly id: string }

/**
 * The story in causal order: nothing stands before what it follows from, nor before what its own service said
 * earlier; where neither decides, the time does. The same entries give the same story, whatever the order of
 * their arrival. Pure.
 */
export const timelineOf = (entries: readonly Entry[]): (TimelineStep | Gap)[] => {
  const byId = new Map(entries.map(entry => [entry.id, entry]))
  const sorted = causally(entries)
  const start = sorted[0] ? Date.parse(sorted[0].at) : 0
  const missing = new Set<string>()
  return sorted.flatMap((entry): (TimelineStep | Gap)[] => {
    const told = toldOf(entry, byId, start)
    if (entry.cause === undefined || byId.has(entry.cause) || missing.has(entry.cause)) return [told]
    missing.add(entry.cause)
    return [{ gap: true, id: entry.cause }, told]
  })
}

const toldOf = (entry: Entry, byId: ReadonlyMap<string, Entry>, start: number): TimelineStep => {
  const at = Date.parse(entry.at)
  const cause = byId.get(entry.cause ?? '')
  return { ...entry, ...(cause && { afterMs: at - Date.parse(cause.at) }), sinceStartMs: at - start }
}

/**
 * The entries in causal order; those that would follow from each other, which no service says, go by time.
 */
export const causally = (entries: readonly Entry[]): Entry[] => {
  const waiting = entries.map(placeOf).sort(byTime)
  const earlier = earlierOwn(waiting)
  const known = new Set(waiting.map(({ entry }) => entry.id))
  const done = new Set<string>()
  const stood = (id: string | undefined) => id === undefined || done.has(id) || !known.has(id)
  const isReady = ({ entry }: Place) => stood(entry.cause) && stood(earlier.get(entry.id))
  const sorted: Entry[] = []
  // Clocks that agree sort a story causally as well: then it is always the first that is ready.
  while (waiting.length > 0) {
    const [next] = waiting.splice(Math.max(0, waiting.findIndex(isReady)), 1)
    if (!next) break
    done.add(next.entry.id)
    sorted.push(next.entry)
  }
  return sorted
}

/** An entry with all that it is sorted by. */
type Place = { readonly entry: Entry; readonly time: number; readonly attempt: number }

const placeOf = (entry: Entry): Place => ({
  ...{ entry, time: Date.parse(entry.at), attempt: Number(entry.data.attempt ?? entry.data.attempts ?? 0) },
})

const byTime = (a: Place, b: Place): number =>
  a.time - b.time || a.attempt - b.attempt || (a.entry.id < b.entry.id ? -1 : 1)

// Facts are numbered by their service, `<order>:<service>:<n>`, in the order in which it recorded them.
const earlierOwn = (places: readonly Place[]): ReadonlyMap<string, string> => {
  const byService = new Map<string, { readonly id: string; readonly n: number }[]>()
  for (const { entry } of places) {
    if (entry.notice) continue
    const own = byService.get(entry.service) ?? []
    own.push({ id: entry.id, n: numberOf(entry) })
    byService.set(entry.service, own)
  }
  const earlier = new Map<string, string>()
  for (const own of byService.values()) {
    own.sort((a, b) => a.n - b.n)
    for (const [i, { id }] of own.entries()) {
      const before = own[i - 1]
      if (before) earlier.set(id, before.id)
    }
  }
  return earlier
}

const numberOf = ({ id }: Entry): number => Number(id.slice(id.lastIndexOf(':') + 1))
