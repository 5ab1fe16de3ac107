import { type ChildProcess, spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Explored } from './exhaustive.ts'
import type { Report } from './worker.ts'

export type Job = {
  /** Where the compiled code is. */
  readonly folder: string
  readonly from: number
  readonly step: number
  readonly count: number
  readonly seconds: number
  readonly stopAtFirst: boolean
  /** Whether what is found is made as short as can be, which takes seconds. */
  readonly shorten: boolean
}

/**
 * A schedule lives shortly and leaves nothing behind: a large nursery, and no threads to look after it. The
 * code of a mutant is reached by links.
 */
const flags = [
  ...['--max-semi-space-size=64', '--single-threaded-gc', '--stack-trace-limit=1'],
  ...['--preserve-symlinks', '--preserve-symlinks-main'],
]

const open = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of open) child.kill('SIGKILL')
})

/**
 * Plays schedules in a process of its own; resolves with its last report. @throws Error when it ends without
 * one.
 */
export const runWorker = async (job: Job, onReport: (report: Report) => void): Promise<End> => {
  const { folder, from, step, count, seconds, stopAtFirst, shorten } = job
  let end: End | undefined
  const args = [from, step, count, seconds, Number(stopAtFirst), Number(shorten)].map(String)
  await run(folder, 'worker.js', args, line => {
    const report = JSON.parse(line) as Report
    if (report.kind === 'end') end = report
    onReport(report)
  })
  if (!end) throw new Error('a worker ended without its sums')
  return end
}

type End = Report & { readonly kind: 'end' }

/** Explores the scope of this name in a process of its own, for so many seconds at most. */
export const runScope = async (folder: string, name: string, seconds: number): Promise<Explored> => {
  let explored: Explored | undefined
  await run(folder, 'scope-worker.js', [name, String(seconds)], line => {
    explored = JSON.parse(line) as Explored
  })
  if (!explored) throw new Error(`nothing came of the scope ${name}`)
  return explored
}

/**
 * Plays so many schedules about stuck refunds in a process of its own; resolves with the first seed that shows
 * something wrong, if any does.
 */
export const runStuck = async (folder: string, count: number): Promise<number | undefined> => {
  let found: number | null = null
  await run(folder, 'stuck-worker.js', [String(count)], line => {
    found = JSON.parse(line)
  })
  return found ?? undefined
}

// A simulation takes every core for minutes; what else runs here waits for real time.
const yieldToOthers = (pid: number) => setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)

const run = (
  folder: string,
  script: string,
  args: readonly string[],
  onLine: (line: string) => void,
): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [...flags, join(folder, 'tests', 'simulation', 'explore', script), ...args],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    open.add(child)
    if (child.pid) yieldToOthers(child.pid)
    createInterface({ input: child.stdout }).on('line', onLine)
    child.once('error', reject)
    child.once('close', code => {
      open.delete(child)
      if (code === 0) resolve()
      else reject(new Error(`${script} ended with ${code}`))
    })
  })
