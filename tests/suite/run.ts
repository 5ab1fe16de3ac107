import type { Results, SpecResult } from './results.ts'
import { startWorker, type Worker } from './workers.ts'

/** How a run may use the machine. */
export type Plan = {
  /** What a process takes at a time, in the order in which it is taken. */
  readonly batches: readonly (readonly string[])[]
  /** Where the compiled file of a spec is. */
  readonly fileOf: (spec: string) => string
  /** How many processes take from them. */
  readonly workers: number
  readonly env: NodeJS.ProcessEnv
  /** Called with what was written about each file, when it has ended. */
  readonly onReport: (output: string) => void
}

/** A run of many spec files in a few processes. */
export type Run = {
  /** What came of them, once all have ended or the run was stopped. */
  readonly results: Promise<Results>
  /** Starts no further file and ends the processes; the second time at once. */
  stop(): void
}

/**
 * Runs every spec file once, in whichever process is free. A process that ends before its file is followed by
 * another one.
 */
export const runAll = ({ batches, fileOf, workers, env, onReport }: Plan): Run => {
  const waiting = [...batches]
  const results = new Map<string, SpecResult>()
  const open = new Set<Worker>()
  let signal: 'SIGTERM' | 'SIGKILL' | undefined

  const begin = (): Worker => {
    const worker = startWorker(env)
    open.add(worker)
    return worker
  }
  const end = async (worker: Worker): Promise<void> => {
    onReport(await worker.end())
    open.delete(worker)
  }
  const runOne = async (spec: string, worker: Worker): Promise<Worker | undefined> => {
    const { result, output, crashed } = await worker.run(fileOf(spec))
    results.set(spec, result)
    onReport(output)
    if (!crashed) return worker
    await end(worker)
    return undefined
  }
  const work = async (): Promise<void> => {
    let worker: Worker | undefined
    for (let batch = waiting.shift(); batch; batch = waiting.shift())
      for (const spec of batch) if (!signal) worker = await runOne(spec, worker ?? begin())
    if (worker) await end(worker)
  }
  const stop = () => {
    signal = signal ? 'SIGKILL' : 'SIGTERM'
    for (const worker of open) worker.kill(signal)
  }
  const all = Promise.all(Array.from({ length: workers }, work))
  return { results: all.then(() => results), stop }
}
