import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { SagaError } from '../../shared/runtime/errors.ts'
import { projectFolder } from '../../system/project.ts'
import { findProgram } from '../supervision/find-program.ts'

/** The programs of RabbitMQ, and of Erlang under it, that are started here. */
export type RabbitMqProgram = 'rabbitmq-server' | 'rabbitmqctl' | 'epmd' | 'erl'

type Command = { command: string; args: readonly string[] }

/** A RabbitMQ that instances can be run from. */
export type Installation = {
  /**
   * Where a program of it, started in the instance's folder, sees that folder.
   * @throws SagaError `server-failed` when it cannot work there
   */
  seen(folder: string): string
  /**
   * How to run one of its programs for the instance in `folder`; the process that is started is the program.
   * @throws SagaError `install-failed` when it does not have that program
   */
  command(folder: string, program: RabbitMqProgram, args?: readonly string[]): Command
}

const rootVariable = 'CHOREO_RABBITMQ_ROOT'
// Debian's scripts in sbin change to another user; these run as whoever calls them.
const scripts = '/usr/lib/rabbitmq/bin'
const onThisMachine = (program: RabbitMqProgram) => findProgram(program, [scripts])

const missing = (program: string) =>
  new SagaError('install-failed', `${program} is not on PATH`, { retry: 'never' })

/**
 * RabbitMQ keeps the absolute paths of its queues and streams, and cannot work in a path with characters
 * outside Latin-1 or with spaces. This one is always the same and leads each process to the folder that it
 * was started in, so that the folder may have any name and may be moved.
 */
const ownFolder = '/proc/self/cwd'

/** Where a RabbitMQ that is started in `folder` sees it; `hasOwnFolder` says whether the system has that path. */
export const seenIn = (folder: string, hasOwnFolder = existsSync(ownFolder)): string => {
  if (hasOwnFolder) return ownFolder
  if (/^[!-~]+$/.test(folder)) return folder
  const detail = `RabbitMQ works in no folder with other characters than ASCII, or with spaces: ${folder}; CHOREO_DATA chooses another`
  throw new SagaError('server-failed', detail, { retry: 'never' })
}

const ofThisMachine: Installation = {
  seen: folder => seenIn(folder),
  command: (_, program, args = []) => {
    const command = onThisMachine(program)
    if (!command) throw missing(program)
    return { command, args }
  },
}

/** The RabbitMQ of a root folder, as debootstrap makes one. Entering it takes root and Linux. */
export const installationIn = (root: string): Installation => ({
  seen: () => '/mnt',
  command: (folder, program, args = []) => {
    const unshare = findProgram('unshare', ['/usr/bin'])
    if (!unshare) throw missing('unshare')
    const path = join(program.startsWith('rabbitmq') ? scripts : '/usr/bin', program)
    const enter = join(projectFolder, 'local', 'servers', 'enter-root.sh')
    const apart = ['--mount', '--propagation', 'private']
    return { command: unshare, args: [...apart, 'sh', enter, root, folder, path, ...args] }
  },
})

/**
 * The installation that private instances run from: that of the root folder in `CHOREO_RABBITMQ_ROOT`, else
 * the machine's.
 */
export const chosenInstallation = (env: NodeJS.ProcessEnv = process.env): Installation => {
  const root = env[rootVariable]
  return root ? installationIn(root) : ofThisMachine
}

/** Whether private instances can be started without installing anything. */
export const hasRabbitMq = (env: NodeJS.ProcessEnv = process.env): boolean =>
  Boolean(env[rootVariable]) || onThisMachine('rabbitmq-server') !== undefined
