import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { startRedis } from '../../local/servers/redis.ts'
import { lock } from '../../local/supervision/locks.ts'
import { projectBuild } from '../../local/system/system.ts'
import { SagaError } from '../../shared/runtime/errors.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { projectFolder } from '../../system/project.ts'
import { type Observation, observe } from '../measure/observe.ts'
import { startPostgres } from './postgres.ts'
import { privateFolder } from './private.ts'

/** A contender of others, which places its own orders. */
export type PeerName = 'bullmq' | 'dbos'

/**
 * What a peer says of one run: how many orders ended how, within how many seconds, and how long each took
 * (ms).
 */
export type PeerResult = {
  readonly orders: number
  readonly confirmed: number
  readonly rejected: number
  readonly seconds: number
  readonly took: readonly number[]
}

export type PeerRun = {
  readonly result: PeerResult
  readonly before: Observation
  readonly after: Observation
}

const peers = join(projectFolder, 'bench', 'peers')

/** The packages of the peers, installed once from their own lock file. @throws SagaError `install-failed` */
const ensurePackages = async (say: (line: string) => void): Promise<void> => {
  const release = await lock(`peers ${peers}`, () => say('another process installs the peers; waiting'))
  try {
    if (existsSync(join(peers, 'node_modules', '.package-lock.json'))) return
    say('installing the packages of bench/peers')
    const child = spawn('npm', ['ci', '--no-audit', '--no-fund'], { cwd: peers, stdio: 'ignore' })
    const code = await new Promise(resolve => {
      child.once('exit', resolve)
      child.once('error', () => resolve(1))
    })
    if (code !== 0)
      throw new SagaError('install-failed', '`npm ci` in bench/peers failed', { retry: 'never' })
  } finally {
    release()
  }
}

type Server = { readonly name: string; readonly pid: number; readonly url: string; stop(): Promise<unknown> }

const serverOf = async (name: PeerName, folder: string, say: (line: string) => void): Promise<Server> => {
  const data = join(folder, 'server')
  if (name === 'dbos') return { ...(await startPostgres(data, say)), name: 'postgres' }
  return { ...(await startRedis({ folder: data, log: silentLog })), name: 'redis' }
}

type Told = { readonly seconds: number; readonly warmSeconds: number }

/** The process of a peer; it ends with its standard input, which ends with us. */
const startProcess = (name: PeerName, url: string, told: Told) => {
  const settings = JSON.stringify({ ...told, url, build: projectBuild })
  const child = spawn(process.execPath, ['--no-deprecation', join(peers, `${name}.mjs`), settings], {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: peers,
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const exited = new Promise<void>(resolve => child.once('exit', () => resolve()))
  const next = async <T>(): Promise<T> => {
    const { value, done } = await lines.next()
    if (done) throw new SagaError('server-failed', `${name} ended before it had said what it found`)
    return JSON.parse(value) as T
  }
  return { child, next, exited }
}

const runOn = async (name: PeerName, server: Server, folder: string, told: Told): Promise<PeerRun> => {
  const { child, next, exited } = startProcess(name, server.url, told)
  const places = {
    pids: () => ({ [server.name]: [server.pid], [name]: [child.pid ?? 0] }),
    folders: { [server.name]: join(folder, 'server') },
    figures: {},
    ...(name === 'bullmq' && { redisUrl: server.url }),
  }
  try {
    await next()
    const before = await observe(places, 'before')
    child.stdin.write('run\n')
    const result = await next<PeerResult>()
    const after = await observe(places, 'after')
    return { result, before, after }
  } finally {
    child.stdin.end()
    await exited
  }
}

/**
 * Runs a peer on a private server of its own, durable as its own documentation recommends.
 * @throws SagaError `install-failed` when the peer or its server cannot be had, `server-failed`
 */
export const runPeer = async (
  name: PeerName,
  told: Told,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<PeerRun> => {
  await ensurePackages(say)
  const { folder, remove } = privateFolder(name)
  let server: Server | undefined
  try {
    server = await serverOf(name, folder, say)
    signal.throwIfAborted()
    return await runOn(name, server, folder, told)
  } finally {
    await server?.stop()
    remove()
  }
}
