import { join } from 'node:path'
import { isAlive } from './proc.ts'
import { readFacts } from './remembered.ts'
import { type Entry, readRunList } from './run-list.ts'

/** The file that says who supervises a data folder. */
export const holderFile = (folder: string) => join(folder, 'supervisor.json')

/** What runs from a data folder now and who supervises it, or undefined when nobody does. */
export const findRunning = (folder: string): { pid: number; run: Entry[] } | undefined => {
  const holder = readFacts<{ pid: number }>(holderFile(folder))
  return holder && isAlive(holder.pid) ? { pid: holder.pid, run: readRunList(folder) } : undefined
}
