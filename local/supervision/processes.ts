import { join } from 'node:path'
import { fetchDirectly } from '../../shared/runtime/http/direct-fetch.ts'
import { projectFolder } from '../../system/project.ts'
import type { RunEntry } from '../../system/run-list.ts'
import { givenNames } from '../bring-up/given-urls.ts'
import { type Context, logFileOf } from './context.ts'
import { startOwned } from './owned-process.ts'
import { supervise } from './supervise.ts'

/** A Node program of ours to keep running. */
export type NodeProgram = {
  name: string
  /** What it is listed as, but for pid and log; more than one when it is several services. */
  listed: readonly Omit<RunEntry, 'pid' | 'log'>[]
  /** The compiled file, from the build folder. */
  main: string
  args: readonly string[]
  variables: Record<string, string>
  /** All answer 200 when the program does its work. */
  readyUrls: readonly string[]
}

const graceMs = 10_000

// What an event needs lives shortly: with a young generation of 32 MB instead of 16 the kernel takes about a
// tenth less CPU (`node --max-semi-space-size=32 dist/bench/parts/kernel.js`).
const nodeOptions = ['--enable-source-maps', '--max-semi-space-size=32']

const answersOk = async (url: string): Promise<boolean> => {
  const answer = await fetchDirectly(url, { signal: AbortSignal.timeout(2_000) })
  await answer.body?.cancel()
  return answer.ok
}

// For the administrator of the servers and for whoever starts the system; a service gets its own part.
const notForServices = new Set([
  ...givenNames,
  'CHOREO_DATA',
  'CHOREO_DOCKER',
  'CHOREO_INSTALL',
  'CHOREO_PROCESS',
  'CHOREO_RABBITMQ_ROOT',
])

const inherited = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !notForServices.has(name)))

const upOn = ({ listed }: NodeProgram): string =>
  listed.length === 1 ? `is up on port ${listed[0]?.port}` : 'are up in one process'

/** Starts a program and keeps it running; resolves when it is ready for the first time. */
export const keepRunning = async (context: Context, program: NodeProgram): Promise<void> => {
  const { name } = program
  const log = logFileOf(context.folder, name)
  const start = () =>
    startOwned({
      ...{ name, folder: join(context.folder, 'pids'), logFile: log, cwd: projectFolder },
      command: process.execPath,
      args: [...nodeOptions, join(context.build, program.main), ...program.args],
      env: { ...inherited(context.env), ...program.variables },
    })
  const entries = program.listed.map(each => ({ ...each, pid: null, log }))
  const ready = async () => (await Promise.all(program.readyUrls.map(answersOk))).every(ok => ok)
  const supervised = supervise({ name, log, entries, start, ready, graceMs }, context)
  context.started.push(supervised)
  await supervised.up
  context.say(`${name} ${upOn(program)}`)
}
