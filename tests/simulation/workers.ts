import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Report } from './worker.ts'

export type Job = {
  /** Where the compiled code is. */
  readonly folder: string
  readonly from: number
  readonly step: number
  readonly count: number
  readonly seconds: number
  readonly stopAtFirst: boolean
}

/** A schedule lives shortly and leaves nothing behind: a large nursery, and no threads to look after it. */
const flags = ['--max-semi-space-size=64', '--single-threaded-gc', '--stack-trace-limit=1']

const open = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of open) child.kill('SIGKILL')
})

/** Plays schedules in a process of its own; resolves with its last report. @throws Error when it ends without one. */
export const runWorker = (job: Job, onReport: (report: Report) => void): Promise<Report & { kind: 'end' }> =>
  new Promise((resolve, reject) => {
    const { folder, from, step, count, seconds, stopAtFirst } = job
    const args = [from, step, count, seconds, Number(stopAtFirst)].map(String)
    const script = join(folder, 'tests', 'simulation', 'worker.js')
    const child = spawn(process.execPath, [...flags, script, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    open.add(child)
    let end: (Report & { kind: 'end' }) | undefined
    createInterface({ input: child.stdout }).on('line', line => {
      const report = JSON.parse(line) as Report
      if (report.kind === 'end') end = report
      onReport(report)
    })
    child.once('error', reject)
    child.once('close', code => {
      open.delete(child)
      if (end && code === 0) resolve(end)
      else reject(new Error(`a worker ended with ${code} and without its sums`))
    })
  })
