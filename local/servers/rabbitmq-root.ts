import { execFile, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SagaError } from '../../shared/runtime/errors.ts'
import { projectFolder } from '../../system/project.ts'
import { ensureInstalled, explainFailure } from '../bring-up/install.ts'
import { lock } from '../supervision/locks.ts'
import { installationIn } from './rabbitmq-installation.ts'
import { tail } from './why-gone.ts'

/** A root folder with a RabbitMQ that was seen to run from it. */
export type RabbitMqRoot = { readonly root: string; readonly version: string }

type Say = (line: string) => void

/** What decides whether a root folder can be had here. */
export type RootFacts = {
  platform: NodeJS.Platform
  isRoot: boolean
  /** It was fetched before. */
  isThere: boolean
  /** The value of CHOREO_INSTALL. */
  allowed: string | undefined
}

/** Why no root folder can be had here, or undefined when it is there or can be fetched. */
export const whyNoRoot = ({ platform, isRoot, isThere, allowed }: RootFacts): string | undefined => {
  if (platform !== 'linux') return `a root folder is entered by means of Linux, and this is ${platform}`
  if (!isRoot) return 'only root can make and enter a root folder'
  return allowed === 'never' && !isThere ? 'it is not there and CHOREO_INSTALL=never' : undefined
}

/** The release of Debian that has RabbitMQ 4.3 and later. */
const release = 'sid'
const cache = join(projectFolder, 'node_modules', '.cache', 'choreo')
const fetchLimitMs = 10 * 60_000

const refuse = (because: string, cause?: unknown) =>
  new SagaError('install-failed', `RabbitMQ 4: ${because}`, { cause, retry: 'never' })

/**
 * The root folder with RabbitMQ 4 below `folder` (one for each checkout unless given), fetched when it is not
 * there: some 100 MB, half a minute. Several processes may ask at once: one fetches, the others wait. A fetch
 * that was cut off leaves nothing that counts.
 * @throws SagaError `install-failed`
 */
export const rabbitMqRoot = async (say: Say, folder = cache): Promise<RabbitMqRoot> => {
  const root = join(folder, `rabbitmq-${release}`)
  mkdirSync(folder, { recursive: true })
  const done = await lock(`fetch ${root}`, () => say(`another process fetches RabbitMQ 4; waiting for it`))
  try {
    await ensureThere(root, say)
  } finally {
    done()
  }
  return { root, version: await versionIn(root) }
}

const ensureThere = async (root: string, say: Say): Promise<void> => {
  const isThere = existsSync(root)
  const isRoot = process.getuid?.() === 0
  const because = whyNoRoot({
    ...{ platform: process.platform, isRoot, isThere, allowed: process.env.CHOREO_INSTALL },
  })
  if (because) throw refuse(because)
  if (isThere) return
  await ensureInstalled(['debootstrap'], say)
  say(`fetching RabbitMQ 4 from Debian ${release} into ${root}; this takes half a minute or two`)
  await fetchInto(root, `${root}.log`)
}

/** Whatever ends us ends it, with all that it started and mounted: it runs in namespaces of its own. */
const fetchInto = async (root: string, logFile: string): Promise<void> => {
  const script = join(projectFolder, 'local', 'servers', 'fetch-root.sh')
  const apart = ['unshare', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child=KILL']
  const command = [...apart, 'sh', script, release, 'rabbitmq-server', root]
  const log = openSync(logFile, 'w')
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], { stdio: ['ignore', log, log] })
  closeSync(log)
  const late = setTimeout(() => child.kill('SIGKILL'), fetchLimitMs)
  const end = await new Promise<unknown>(resolve => {
    child.once('error', resolve)
    child.once('exit', (code, signal) => resolve(signal ?? code))
  }).finally(() => clearTimeout(late))
  if (end === 0) return
  const how = end === 'SIGKILL' ? `not fetched within ${fetchLimitMs / 60_000} minutes` : `exit ${end}`
  throw refuse(`${how}: ${explainFailure(tail(logFile))}; see ${logFile}`)
}

const versionIn = async (root: string): Promise<string> => {
  await proveThatItRuns(root)
  const folders = readdirSync(join(root, 'usr', 'lib', 'rabbitmq', 'lib'))
  const [, version] = folders.map(name => /^rabbitmq_server-(.+)$/.exec(name)).find(Boolean) ?? []
  if (!version) throw refuse(`there is none in ${root}`)
  return version
}

// Not by RabbitMQ's own tool, which starts a port mapper and leaves it behind.
const proveThatItRuns = async (root: string): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'choreo-proof-'))
  const { command, args } = installationIn(root).command(folder, 'erl', ['-noshell', '-eval', 'halt().'])
  try {
    await promisify(execFile)(command, args)
  } catch (cause) {
    throw refuse(`the programs in ${root} cannot be run`, cause)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
