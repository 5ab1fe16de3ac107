import { join } from 'node:path'
import { readJson, writeJson } from './json-file.ts'

/**
 * One line of `run.json`: something that runs. `pid` and `log` are null for what others run (a container, a
 * given connection string).
 */
export type RunEntry = {
  name: string
  kind: 'server' | 'provider' | 'service'
  pid: number | null
  port: number
  /**
   * Where to reach it, without credentials: the management UI of RabbitMQ, the public API of the order
   * service, the health port of the others.
   */
  url: string
  /**
   * Of a service: where `/livez`, `/readyz` and `/metrics` are. The order service has it beside its public
   * door, of the others it is their only one.
   */
  privateUrl?: string
  log: string | null
}

/** What runs now, in the order it came up. */
export type RunList = {
  entries(): RunEntry[]
  set(entry: RunEntry): void
  remove(name: string): void
  /** Nothing runs any more. */
  clear(): void
}

/** The list's file in a data folder. */
export const runFileOf = (folder: string): string => join(folder, 'run.json')

/** What the list of a data folder said last; it may be stale when its supervisor was killed. */
export const readRunList = (folder: string): RunEntry[] => readJson<RunEntry[]>(runFileOf(folder)) ?? []

/** A list that is written to `run.json`, whole, at every change. */
export const openRunList = (folder: string): RunList => {
  const entries = new Map<string, RunEntry>()
  const write = () => writeJson(runFileOf(folder), [...entries.values()])
  write()
  return {
    entries: () => [...entries.values()],
    set: entry => {
      entries.set(entry.name, entry)
      write()
    },
    remove: name => {
      if (entries.delete(name)) write()
    },
    clear: () => {
      entries.clear()
      write()
    },
  }
}
