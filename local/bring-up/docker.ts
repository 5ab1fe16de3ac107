import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SagaError } from '../../shared/runtime/errors.ts'
import { projectFolder } from '../../system/project.ts'
import { findProgram } from '../supervision/find-program.ts'

const exec = promisify(execFile)
const answerWithin = 2_000

/** The second file publishes the servers to this machine. */
const composeFiles = ['docker-compose.yml', 'docker-compose.dev.yml']

/** The servers of docker-compose.yml. */
export type ComposeServer = 'rabbitmq' | 'mongodb' | 'redis'

/** True when a Docker engine and its compose plugin answer within 2 s and the compose files are there. */
export const dockerRuns = async (): Promise<boolean> => {
  if (process.env.CHOREO_DOCKER === 'never' || !findProgram('docker')) return false
  if (!composeFiles.every(file => existsSync(join(projectFolder, file)))) return false
  const answers = (args: string[]) =>
    exec('docker', args, { timeout: answerWithin }).then(
      ({ stdout }) => stdout.trim() !== '',
      () => false,
    )
  const asked = [answers(['info', '--format', '{{.ServerVersion}}']), answers(['compose', 'version'])]
  return (await Promise.all(asked)).every(yes => yes)
}

/** One set of containers and volumes per data folder. */
const projectOf = (folder: string): string =>
  `choreo-${createHash('sha256').update(folder).digest('hex').slice(0, 10)}`

const compose = async (folder: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> => {
  const files = composeFiles.flatMap(file => ['-f', file])
  const all = ['compose', '-p', projectOf(folder), ...files, ...args]
  await exec('docker', all, { cwd: projectFolder, env: { ...process.env, ...env } }).catch(cause => {
    throw new SagaError('server-failed', `docker compose ${args[0]} failed: ${String(cause.stderr).trim()}`, {
      cause,
    })
  })
}

/**
 * Brings up the named containers of this data folder and waits until they are healthy; the answer stops them
 * again.
 * @throws SagaError `server-failed` with what docker said
 */
export const composeUp = async (
  folder: string,
  servers: readonly ComposeServer[],
  env: NodeJS.ProcessEnv,
): Promise<() => Promise<void>> => {
  await compose(folder, ['up', '-d', '--wait', ...servers], env)
  return () => compose(folder, ['stop', ...servers], env)
}
