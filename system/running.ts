import { join } from 'node:path'
import { readJson } from './json-file.ts'
import { isAlive } from './process.ts'
import { type RunEntry, readRunList } from './run-list.ts'

/** The file in a data folder that says which process supervises what runs from it. */
export const holderFileOf = (folder: string): string => join(folder, 'supervisor.json')

/** What runs from a data folder now and who supervises it, or undefined when nobody does. */
export const findRunning = (folder: string): { pid: number; run: RunEntry[] } | undefined => {
  const holder = readJson<{ pid: number }>(holderFileOf(folder))
  return holder && isAlive(holder.pid) ? { pid: holder.pid, run: readRunList(folder) } : undefined
}
