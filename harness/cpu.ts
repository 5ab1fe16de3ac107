import { readFileSync } from 'node:fs'
import type { RunEntry } from '../system/run-list.ts'

// Linux counts in hundredths of a second for its programs, whatever the kernel was built with.
const ticksPerSecond = 100

/** Seconds of CPU that the process took so far, or undefined where that cannot be read. */
const secondsOf = (pid: number): number | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold spaces; what follows it is counted from the third field.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
  } catch {
    return undefined
  }
}

/** CPU seconds so far by name, of what runs on this machine. */
export const cpuOf = (run: readonly Pick<RunEntry, 'name' | 'pid'>[]): Map<string, number> =>
  new Map(
    run.flatMap(({ name, pid }) => {
      const seconds = pid === null ? undefined : secondsOf(pid)
      return seconds === undefined ? [] : [[name, seconds] as const]
    }),
  )

/**
 * What was used between two readings, most first; a process that was started in between counts from its
 * start.
 */
export const cpuBetween = (before: Map<string, number>, after: Map<string, number>): [string, number][] =>
  [...after]
    .map(([name, seconds]): [string, number] => {
      const start = before.get(name) ?? 0
      return [name, start <= seconds ? seconds - start : seconds]
    })
    .toSorted(([, a], [, b]) => b - a)
