import { join } from 'node:path'
import { SagaError } from '../../shared/runtime/errors.ts'
import type { Log } from '../../shared/runtime/telemetry/log.ts'
import { keptPorts } from '../bring-up/kept-ports.ts'
import { findProgram } from '../supervision/find-program.ts'
import { type OwnedProcess, startOwned } from '../supervision/owned-process.ts'
import { waitUntil } from '../supervision/wait.ts'
import { firstAnswer } from './probe.ts'
import { whyGone } from './why-gone.ts'

/** A running private Redis. */
export type Redis = OwnedProcess & { port: number; url: string }

// Appended to disk every second: losing the last second costs repeated look-ups, nothing else.
// Never evicting: a full Redis refuses writes, which is seen, instead of forgetting silently.
const settings = (port: number, folder: string): string[] => [
  ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--daemonize', 'no'],
  ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '', '--maxmemory-policy', 'noeviction'],
]

const pongs = async (port: number) => (await firstAnswer(port, 'PING\r\n')).toString().startsWith('+PONG')

/**
 * Starts a private Redis on loopback with its data in `folder`; resolves when it answers PING. The port is
 * kept for later starts.
 * @throws SagaError `server-failed`, `install-failed` when there is no redis-server
 */
export const startRedis = async (options: {
  folder: string
  log: Log
  port?: number
  logFile?: string
  /** Aborting it ends a start that is under way. */
  signal?: AbortSignal
}): Promise<Redis> => {
  const { folder, log } = options
  const command = findProgram('redis-server')
  if (!command) throw new SagaError('install-failed', 'redis-server is not on PATH', { retry: 'never' })
  const wanted = options.port === undefined ? {} : { redis: options.port }
  const { redis: port } = await keptPorts(join(folder, 'ports.json'), ['redis'], wanted)
  const logFile = options.logFile ?? join(folder, 'redis.log')
  const args = settings(port, folder)
  const server = await startOwned({ name: 'redis', folder, command, args, env: process.env, logFile })
  const gone = () => whyGone(server, logFile, options.signal)
  await waitUntil('redis', () => pongs(port), { deadlineMs: 30_000, gone }).catch(async error => {
    await server.kill()
    throw error
  })
  log.info('redis is up', { port, pid: server.pid })
  return { ...server, port, url: `redis://127.0.0.1:${port}` }
}
