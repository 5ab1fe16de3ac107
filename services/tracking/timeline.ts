import type { Entry } from './domain.ts'

/** One step of the story of an order. Durations are differences of clocks, so one may be negative when those of two services differ. */
export type Told = Entry & {
  /** Milliseconds since its cause; absent when it has none, or none that is known. */
  readonly afterMs?: number
  /** Milliseconds since the first step. */
  readonly sinceStartMs: number
}

/** Something that others follow from and that the journal does not have. */
export type Gap = { readonly gap: true; readonly id: string }

/**
 * The story in causal order: nothing stands before what it follows from, nor before what its own service said earlier; where
 * neither tells, the time does. The same entries give the same story, whatever the order of their arrival. Pure.
 */
export const timelineOf = (entries: readonly Entry[]): (Told | Gap)[] => {
  const byId = new Map(entries.map(entry => [entry.id, entry]))
  const sorted = causally(entries)
  const start = sorted[0] ? Date.parse(sorted[0].at) : 0
  const missing = new Set<string>()
  return sorted.flatMap((entry): (Told | Gap)[] => {
    const told = toldOf(entry, byId, start)
    if (entry.cause === undefined || byId.has(entry.cause) || missing.has(entry.cause)) return [told]
    missing.add(entry.cause)
    return [{ gap: true, id: entry.cause }, told]
  })
}

const toldOf = (entry: Entry, byId: ReadonlyMap<string, Entry>, start: number): Told => {
  const at = Date.parse(entry.at)
  const cause = byId.get(entry.cause ?? '')
  return { ...entry, ...(cause && { afterMs: at - Date.parse(cause.at) }), sinceStartMs: at - start }
}

/** The entries in causal order; those that would follow from each other, which no service says, go by time. */
export const causally = (entries: readonly Entry[]): Entry[] => {
  const before = predecessors(entries)
  const waiting = entries.toSorted(byTime)
  const done = new Set<string>()
  const sorted: Entry[] = []
  while (waiting.length > 0) {
    const ready = waiting.findIndex(({ id }) => (before.get(id) ?? []).every(other => done.has(other)))
    const [next] = waiting.splice(Math.max(0, ready), 1)
    if (!next) break
    done.add(next.id)
    sorted.push(next)
  }
  return sorted
}

const byTime = (a: Entry, b: Entry): number =>
  Date.parse(a.at) - Date.parse(b.at) || attemptOf(a) - attemptOf(b) || (a.id < b.id ? -1 : 1)

const attemptOf = ({ data }: Entry): number => Number(data.attempt ?? data.attempts ?? 0)

/** What has to stand before each entry: its cause, and the fact that its service recorded just before it. */
const predecessors = (entries: readonly Entry[]): ReadonlyMap<string, readonly string[]> => {
  const ids = new Set(entries.map(({ id }) => id))
  const earlier = earlierOwn(entries)
  return new Map(
    entries.map(({ id, cause }) => [
      id,
      [...(cause !== undefined && ids.has(cause) ? [cause] : []), ...(earlier.get(id) ?? [])],
    ]),
  )
}

// Facts are numbered by their service, `<order>:<service>:<n>`, in the order in which it recorded them.
const earlierOwn = (entries: readonly Entry[]): ReadonlyMap<string, readonly string[]> => {
  const byService = new Map<string, Entry[]>()
  for (const fact of entries.filter(({ notice }) => !notice))
    byService.set(fact.service, [...(byService.get(fact.service) ?? []), fact])
  return new Map(
    [...byService.values()].flatMap(own => {
      const numbered = own.toSorted((a, b) => numberOf(a) - numberOf(b))
      return numbered.slice(1).map((fact, i): [string, string[]] => [fact.id, [numbered[i]?.id ?? '']])
    }),
  )
}

const numberOf = ({ id }: Entry): number => Number(id.slice(id.lastIndexOf(':') + 1))
