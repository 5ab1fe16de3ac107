import { type CounterPlaces, type Counters, counted, countersAt } from './counters.ts'
import { bytesBelow, type Usage, usageOf } from './proc.ts'
import { type Turning, turningOf } from './turning.ts'

/** What of a system is looked at. */
export type Places = CounterPlaces & {
  /** Process ids by name; several instances of a service are counted as one. */
  readonly pids: () => Readonly<Record<string, readonly number[]>>
  /** Folders with data, by name. */
  readonly folders: Readonly<Record<string, string>>
  /** Figures of Node processes, by name. */
  readonly figures: Readonly<Record<string, string>>
}

/** Everything that was used up to one moment. */
export type Observation = {
  readonly usage: Readonly<Record<string, Usage>>
  readonly diskBytes: Readonly<Record<string, number>>
  readonly counters: Counters
  readonly turning: Readonly<Record<string, Turning>>
}

const mapped = <From, To>(record: Readonly<Record<string, From>>, change: (value: From) => To) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]))

/**
 * Looks at everything. Usage is read last before a run and first after it, so that looking is not counted:
 * `edge` says which.
 */
export const observe = async (places: Places, edge: 'before' | 'after'): Promise<Observation> => {
  const read = () => mapped(places.pids(), usageOf)
  const early = edge === 'after' ? read() : undefined
  const counters = await countersAt(places)
  const turning = await turningOf(places.figures)
  const diskBytes = mapped(places.folders, bytesBelow)
  return { usage: early ?? read(), diskBytes, counters, turning }
}

/** What a run used. */
export type Used = {
  readonly cpuMs: Readonly<Record<string, number>>
  readonly writtenBytes: Readonly<Record<string, number>>
  readonly peakRssBytes: Readonly<Record<string, number>>
  readonly rssBytes: Readonly<Record<string, number>>
  readonly diskBytes: Readonly<Record<string, number>>
  readonly counters: Counters
  readonly turning: Readonly<Record<string, Turning>>
}

/** A process that was started in between counts from its start. */
const grown = (before: number | undefined, after: number) =>
  before === undefined || before > after ? after : after - before

/** What was used between two observations. Pure. */
export const usedBetween = (before: Observation, after: Observation): Used => {
  const growth = (field: 'cpuMs' | 'writtenBytes') =>
    Object.fromEntries(
      Object.entries(after.usage).map(([name, usage]) => [
        name,
        grown(before.usage[name]?.[field], usage[field]),
      ]),
    )
  return {
    cpuMs: growth('cpuMs'),
    writtenBytes: growth('writtenBytes'),
    peakRssBytes: mapped(after.usage, usage => usage.peakRssBytes),
    rssBytes: mapped(after.usage, usage => usage.rssBytes),
    diskBytes: Object.fromEntries(
      Object.entries(after.diskBytes).map(([name, bytes]) => [name, bytes - (before.diskBytes[name] ?? 0)]),
    ),
    counters: counted(before.counters, after.counters),
    turning: Object.fromEntries(
      Object.entries(after.turning).map(([name, now]) => [
        name,
        { ...now, gcMs: grown(before.turning[name]?.gcMs, now.gcMs) },
      ]),
    ),
  }
}
