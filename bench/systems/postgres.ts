import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chownSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ensureInstalled } from '../../local/bring-up/install.ts'
import { freePort } from '../../local/bring-up/ports.ts'
import { postgresPrograms } from '../../local/servers/postgres-programs.ts'
import { type OwnedProcess, startOwned } from '../../local/supervision/owned-process.ts'
import { waitUntil } from '../../local/supervision/wait.ts'
import { SagaError } from '../../shared/runtime/errors.ts'

const run = promisify(execFile)

/** A running private PostgreSQL. */
export type Postgres = OwnedProcess & { readonly url: string }

/**
 * PostgreSQL refuses to run as root: its own user runs it then, and dies with us as every other process of
 * ours.
 */
const unprivileged = (): { uid: number; gid: number } | undefined => {
  if (process.getuid?.() !== 0) return undefined
  const [, , uid, gid] = /^postgres:.*$/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[0].split(':') ?? []
  if (uid === undefined || gid === undefined)
    throw new SagaError('install-failed', 'there is no user postgres', { retry: 'never' })
  return { uid: Number(uid), gid: Number(gid) }
}

type User = { uid: number; gid: number } | undefined

const as = (user: User, command: string, args: readonly string[]): [string, string[]] =>
  user
    ? [
        'setpriv',
        [
          ...[`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', '--pdeathsig', 'TERM'],
          ...[command, ...args],
        ],
      ]
    : [command, [...args]]

/** A new cluster, as the programs make it: fsync and synchronous_commit are on. */
const makeCluster = async (programs: string, folder: string, user: User, password: string) => {
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (user) chownSync(passwordFile, user.uid, user.gid)
  const method = ['-U', 'bench', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`]
  const [command, args] = as(user, join(programs, 'initdb'), ['-D', join(folder, 'data'), ...method])
  await run(command, args, { cwd: folder })
  rmSync(passwordFile)
}

/**
 * Starts a private PostgreSQL on loopback with new data in `folder`, durable as it ships; resolves when it
 * answers.
 * @throws SagaError `install-failed`, `server-failed`
 */
export const startPostgres = async (folder: string, say: (line: string) => void): Promise<Postgres> => {
  await ensureInstalled(['postgresql'], say)
  const programs = postgresPrograms() ?? ''
  const user = unprivileged()
  mkdirSync(folder, { recursive: true })
  if (user) chownSync(folder, user.uid, user.gid)
  const [password, port] = [randomBytes(18).toString('base64url'), await freePort()]
  await makeCluster(programs, folder, user, password)
  const listens = ['-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-k', folder]
  const [command, args] = as(user, join(programs, 'postgres'), ['-D', join(folder, 'data'), ...listens])
  const logFile = join(folder, 'postgres.log')
  const server = await startOwned({ name: 'postgres', folder, command, args, env: process.env, logFile })
  const answers = async () => {
    await run(join(programs, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)])
    return true
  }
  const gone = () => (server.ended() ? `it ended, see ${logFile}` : undefined)
  await waitUntil('postgres', answers, { deadlineMs: 30_000, gone }).catch(async error => {
    await server.kill()
    throw error
  })
  return { ...server, url: `postgresql://bench:${password}@127.0.0.1:${port}/bench` }
}
