import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

// Linux counts in hundredths of a second for its programs, whatever the kernel was built with.
const msPerTick = 10

/**
 * CPU of a process so far in ms, with that of its children that have ended, from the text of
 * /proc/<pid>/stat.
 */
export const cpuMsIn = (stat: string): number => {
  // The name in parentheses may hold spaces and parentheses; what follows it is counted from the third field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return ticks * msPerTick
}

/** A field of /proc/<pid>/status or /proc/<pid>/io: the number after its name, 0 when it is not there. */
export const fieldIn = (text: string, name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0)

const readProc = (pid: number, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    // It has ended meanwhile, or is not ours to read.
    return ''
  }
}

const childrenOf = (pid: number): number[] =>
  readProc(pid, `task/${pid}/children`).split(' ').filter(Boolean).map(Number)

/** A process and all below it. */
export const treeOf = (pid: number): number[] => [pid, ...childrenOf(pid).flatMap(treeOf)]

/** What a process and all below it have used so far. */
export type Usage = {
  readonly cpuMs: number
  /** Bytes that it had written to the disk. */
  readonly writtenBytes: number
  /** The most memory that each of them ever held, in sum; memory that they share counts for each. */
  readonly peakRssBytes: number
  readonly rssBytes: number
}

const usageOfOne = (pid: number): Usage => {
  const stat = readProc(pid, 'stat')
  const status = readProc(pid, 'status')
  return {
    cpuMs: stat === '' ? 0 : cpuMsIn(stat),
    writtenBytes: fieldIn(readProc(pid, 'io'), 'write_bytes'),
    peakRssBytes: fieldIn(status, 'VmHWM') * 1_024,
    rssBytes: fieldIn(status, 'VmRSS') * 1_024,
  }
}

const nothing: Usage = { cpuMs: 0, writtenBytes: 0, peakRssBytes: 0, rssBytes: 0 }

/** What the processes and all below them have used so far, in sum; zeros for one that is gone. Linux only. */
export const usageOf = (pids: readonly number[]): Usage =>
  pids
    .flatMap(treeOf)
    .map(usageOfOne)
    .reduce(
      (sum, one) => ({
        cpuMs: sum.cpuMs + one.cpuMs,
        writtenBytes: sum.writtenBytes + one.writtenBytes,
        peakRssBytes: sum.peakRssBytes + one.peakRssBytes,
        rssBytes: sum.rssBytes + one.rssBytes,
      }),
      nothing,
    )

const sizeOf = (file: string): number => {
  try {
    // What is allocated, not how long it is said to be: a file may have holes.
    return statSync(file).blocks * 512
  } catch {
    return 0
  }
}

/** Bytes that the files below a folder take on the disk; 0 when it is not there. */
export const bytesBelow = (folder: string): number => {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).reduce(
      (sum, name) => sum + sizeOf(join(folder, name)),
      0,
    )
  } catch {
    return 0
  }
}
