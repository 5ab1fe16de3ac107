import { codeOf } from '../../shared/runtime/errors.ts'
import { backoff, type Random } from '../../shared/runtime/random.ts'
import { sleep, systemClock } from '../../shared/runtime/time/clock.ts'
import type { RunEntry, RunList } from '../../system/run-list.ts'
import { describeEnd, whyGone } from '../servers/why-gone.ts'
import type { Exit, OwnedProcess } from './owned-process.ts'
import { waitUntil } from './wait.ts'

/** A process to keep running. */
export type Supervision = {
  name: string
  log: string
  /** Its lines in the run list, but for the pid. */
  entries: readonly RunEntry[]
  /** Starts it; the same each time. */
  start(signal: AbortSignal): Promise<OwnedProcess>
  /** True when it does its work. */
  ready(): Promise<boolean>
  /** How long it may take to end after SIGTERM, in milliseconds. */
  graceMs: number
}

export type Watcher = { list: RunList; random: Random; say: (line: string) => void }

/** What is kept running until it is stopped. */
export type Supervised = { stop(): Promise<void> }

const firstReadyWithin = 60_000
/** After this long a process counts as steady and its next death as the first one. */
const steadyMs = 10_000
const delays = { base: 250, cap: 10_000 }

/**
 * Starts a process, waits until it is ready, and from then on starts it again, with jittered back-off,
 * whenever it dies.
 * @throws SagaError `server-failed` when it does not become ready the first time
 */
export const supervise = (supervision: Supervision, watcher: Watcher): { up: Promise<void> } & Supervised => {
  const { name, log, entries, graceMs } = supervision
  const asked = new AbortController()
  let current: OwnedProcess | undefined

  const launch = async () => {
    current = await supervision.start(asked.signal)
    for (const entry of entries) watcher.list.set({ ...entry, pid: current.pid })
    return current
  }
  const first = launch().then(async process => {
    const gone = () => whyGone(process, log, asked.signal)
    await waitUntil(name, supervision.ready, { deadlineMs: firstReadyWithin, gone })
  })
  const watched = first.then(
    () => current && keepRunning(current, launch, supervision, watcher, asked.signal),
  )
  // A failed first start is reported by `up`; the watch has nothing to add.
  const quiet = watched.catch(() => {})
  const stop = async () => {
    asked.abort()
    await current?.stop(graceMs)
    await quiet
    await current?.stop(graceMs)
    for (const entry of entries) watcher.list.remove(entry.name)
  }
  return { up: first, stop }
}

const fateOf = (end: Exit | undefined): string => (end ? `died (${describeEnd(end)})` : 'is not up')

const keepRunning = async (
  first: OwnedProcess,
  launch: () => Promise<OwnedProcess>,
  { name, log, entries, ready }: Supervision,
  { list, random, say }: Watcher,
  asked: AbortSignal,
): Promise<void> => {
  let process: OwnedProcess | undefined = first
  let attempt = 0
  let startedAt = Date.now()
  while (!asked.aborted) {
    const end: Exit | undefined = await process?.exited
    if (asked.aborted) return
    for (const entry of entries) list.remove(entry.name)
    if (Date.now() - startedAt > steadyMs) attempt = 0
    const delay = backoff(random, attempt++, delays)
    say(`${name} ${fateOf(end)}; starting it again in ${delay} ms, see ${log}`)
    await sleep(systemClock, delay, asked)
    if (asked.aborted) return
    startedAt = Date.now()
    process = await launch().catch(error => {
      say(`${name} did not start: ${codeOf(error)}`)
      return undefined
    })
    if (process) void announce(process, name, ready, say, asked)
  }
}

/** However long it takes: what it depends on may be coming back as well. */
const announce = async (
  process: OwnedProcess,
  name: string,
  ready: () => Promise<boolean>,
  say: (line: string) => void,
  asked: AbortSignal,
): Promise<void> => {
  while (!asked.aborted && !process.ended()) {
    if (await ready().catch(() => false)) return say(`${name} is back (pid ${process.pid})`)
    await sleep(systemClock, 100, asked)
  }
}
