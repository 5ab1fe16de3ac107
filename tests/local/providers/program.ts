import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../../local/bring-up/ports.ts'
import type { LedgerEntry } from '../../../local/providers/ledger.ts'
import { waitUntil } from '../../../local/supervision/wait.ts'

/** A simulator that runs as a process of its own, with a folder and a port that it keeps over restarts. */
export type RunningProgram = {
  readonly url: string
  readonly port: number
  readonly folder: string
  ledger(): Promise<LedgerEntry[]>
  /** Ends it with a signal; answers its exit code, null when the signal itself ended it. */
  end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<number | null>
  start(): Promise<void>
  /** Ends it for good and removes its folder. */
  dispose(): Promise<void>
}

/** Runs a program of `local/providers` to its end, for wrong starts. */
export const runToEnd = async (
  program: string,
  args: string[],
): Promise<{ code: number; output: string }> => {
  const child = launch(program, args)
  const output = outputOf(child)
  const [code] = await once(child, 'close')
  return { code, output: output() }
}

/** Starts a program of `local/providers` in a new folder on a free port. */
export const startProgram = async (program: string): Promise<RunningProgram> => {
  const folder = await mkdtemp(join(tmpdir(), `choreo-${program}-`))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let child: ChildProcess | undefined

  const end: RunningProgram['end'] = async signal => {
    const ending = child
    if (!ending) return null
    child = undefined
    const exited = once(ending, 'exit')
    ending.kill(signal)
    const [code] = await exited
    return code
  }
  const start = async () => {
    const starting = launch(program, ['--port', String(port), '--data', folder])
    child = starting
    const output = outputOf(starting)
    const ready = async () => (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok
    const gone = () => {
      const end = starting.exitCode ?? starting.signalCode
      return end === null ? undefined : `ended with ${end}: ${output()}`
    }
    await waitUntil(program, ready, { deadlineMs: 40_000, gone })
  }
  const dispose = async () => {
    await end('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  }
  await start()
  return { url, port, folder, ledger: () => readLedger(url), end, start, dispose }
}

const readLedger = async (url: string): Promise<LedgerEntry[]> => {
  const text = await (await fetch(`${url}/ledger`)).text()
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))
}

const launch = (program: string, args: string[]) => {
  const file = fileURLToPath(new URL(`../../../local/providers/${program}.js`, import.meta.url))
  return spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Everything it writes; a pipe that nobody reads would stop it once full. */
const outputOf = (child: ChildProcess): (() => string) => {
  let output = ''
  child.stdout?.on('data', chunk => {
    output += chunk
  })
  return () => output
}
