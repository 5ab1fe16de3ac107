import { spawn } from 'node:child_process'
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { SagaError } from '../../shared/runtime/errors.ts'
import { environmentOf, isAlive, signal } from '../../system/process.ts'
import { findProgram } from './find-program.ts'
import { waitUntil } from './wait.ts'

/** How a process ended. */
export type Exit = { code: number | null; signal: NodeJS.Signals | null }

/** A process of ours. It does not outlive us, whatever ends us. */
export type OwnedProcess = {
  readonly pid: number
  readonly exited: Promise<Exit>
  /** How it ended, or undefined while it runs. */
  ended(): Exit | undefined
  /** SIGTERM, then SIGKILL when it has not ended after `graceMs`; resolves when it has ended. */
  stop(graceMs?: number): Promise<Exit>
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<Exit>
}

export type ProcessOptions = {
  name: string
  /** Where its pid is remembered, so that a later start finds a process left behind. */
  folder: string
  command: string
  args: readonly string[]
  env: NodeJS.ProcessEnv
  cwd?: string
  logFile: string
}

const largestLog = 20 * 1024 * 1024
const ownerVariable = 'CHOREO_OWNED_AS'

const ownerOf = (folder: string, name: string) => join(resolve(folder), name)
const pidFileOf = (folder: string, name: string) => join(folder, `${name}.pid`)

const openLog = (file: string): number => {
  mkdirSync(dirname(file), { recursive: true })
  if (existsSync(file) && statSync(file).size > largestLog) renameSync(file, `${file}.1`)
  return openSync(file, 'a')
}

/**
 * Linux can end a child with its parent, also when the parent is killed; elsewhere a later start cleans up.
 */
const tied = (command: string, args: readonly string[]): [string, readonly string[]] => {
  const setpriv = process.platform === 'linux' ? findProgram('setpriv') : undefined
  return setpriv ? [setpriv, ['--pdeathsig', 'TERM', command, ...args]] : [command, args]
}

/**
 * Starts a program in a process group of its own (a terminal's Ctrl-C reaches only us), its output appended
 * to `logFile`.
 */
export const startOwned = async (options: ProcessOptions): Promise<OwnedProcess> => {
  const { name, folder } = options
  mkdirSync(folder, { recursive: true })
  await endLeftBehind(folder, name)
  const log = openLog(options.logFile)
  const [command, args] = tied(options.command, options.args)
  const child = spawn(command, args, {
    cwd: options.cwd ?? folder,
    detached: true,
    env: { ...options.env, [ownerVariable]: ownerOf(folder, name) },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  let end: Exit | undefined
  const exited = new Promise<Exit>(resolveExit => {
    child.once('exit', (code, by) => {
      end = { code, signal: by }
      rmSync(pidFileOf(folder, name), { force: true })
      resolveExit(end)
    })
  })
  await new Promise<void>((started, failed) => {
    child.once('spawn', started)
    child.once('error', cause =>
      failed(new SagaError('server-failed', `${name} cannot be started`, { cause })),
    )
  })
  const pid = child.pid ?? 0
  writeFileSync(pidFileOf(folder, name), String(pid))
  return { pid, exited, ended: () => end, ...endings(pid, exited, () => end) }
}

const endings = (
  pid: number,
  exited: Promise<Exit>,
  ended: () => Exit | undefined,
): Pick<OwnedProcess, 'stop' | 'kill'> => {
  const send = (name: NodeJS.Signals) => ended() === undefined && signal(pid, name)
  return {
    stop: async (graceMs = 10_000) => {
      send('SIGTERM')
      const late = setTimeout(() => send('SIGKILL'), graceMs)
      return exited.finally(() => clearTimeout(late))
    },
    kill: () => {
      send('SIGKILL')
      return exited
    },
  }
}

const endWhile = async (pid: number, ours: () => boolean): Promise<boolean> => {
  if (pid === process.pid || !ours()) return false
  // While it ends, its environment is gone before it is; only another process's environment says that the pid
  // changed hands.
  const gone = async () => !isAlive(pid) || (!ours() && (environmentOf(pid)?.join('') ?? '') !== '')
  signal(pid, 'SIGTERM')
  await waitUntil(`the end of process ${pid}`, gone, { deadlineMs: 15_000 }).catch(async () => {
    // Asked again: never at whoever has the pid by now.
    if (ours()) signal(pid, 'SIGKILL')
    await waitUntil(`the end of process ${pid}`, gone, { deadlineMs: 10_000 })
  })
  return true
}

const ownedAs = (pid: number): string | undefined =>
  isAlive(pid)
    ? environmentOf(pid)
        ?.find(line => line.startsWith(`${ownerVariable}=`))
        ?.slice(ownerVariable.length + 1)
    : undefined

/** Ends a process if it says itself that it was started somewhere below `folder`; answers whether it did. */
export const endProcessOf = (folder: string, pid: number): Promise<boolean> =>
  endWhile(pid, () => ownedAs(pid)?.startsWith(resolve(folder) + sep) ?? false)

/**
 * Ends what an earlier run left behind under this folder and name, and nothing else: the process itself says
 * whose it is.
 */
const endLeftBehind = async (folder: string, name: string): Promise<boolean> => {
  const file = pidFileOf(folder, name)
  if (!existsSync(file)) return false
  const pid = Number(readFileSync(file, 'utf8'))
  return endWhile(pid, () => ownedAs(pid) === ownerOf(folder, name))
}
