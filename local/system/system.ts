import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brokerUsers } from '../../rabbitmq/declared.ts'
import { serviceNames } from '../../services/registry.ts'
import { SagaError } from '../../shared/runtime/errors.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { type Log, silentLog } from '../../shared/runtime/telemetry/log.ts'
import { openRunList, type RunEntry, type RunList } from '../../system/run-list.ts'
import { bringUpServers } from '../bring-up/bring-up.ts'
import type { Connections } from '../bring-up/connections.ts'
import { keptPorts } from '../bring-up/kept-ports.ts'
import { requireFreePort } from '../bring-up/ports.ts'
import { type Secrets, secretsOf } from '../bring-up/secrets.ts'
import { makeBrokerReady } from '../bring-up/topology.ts'
import { claimFolder } from '../supervision/claim.ts'
import { type Context, stopStarted } from '../supervision/context.ts'
import { startPrograms } from './programs.ts'
import type { SystemPorts } from './service-environment.ts'

export type SystemOptions = {
  /** The data folder; made when it is not there. */
  folder: string
  /** The public API of the order service; 3000 unless given. */
  httpPort?: number
  /** Hears what a person at the terminal wants to know, line by line. */
  say?: (line: string) => void
  log?: Log
  /** Chooses servers and configures services; the environment of this process unless given. */
  env?: NodeJS.ProcessEnv
  /** The build folder with the programs; the one this code runs from unless given. */
  build?: string
  /** Aborting it stops a start that is under way. */
  signal?: AbortSignal
}

/** A whole system that runs: servers, providers and services. */
export type System = {
  /** The public API. */
  url: string
  folder: string
  /** What runs now; also in `run.json`. */
  run(): RunEntry[]
  /** How the servers are reached, with their administrators. */
  connections: Connections
  /** Passwords of the broker users by name. */
  secrets: Secrets
  /** Stops everything in reverse order of its start; the data stays. */
  stop(): Promise<void>
}

/** The build folder that this code runs from. */
export const projectBuild = fileURLToPath(new URL('../..', import.meta.url))
const programNames = ['payment-provider', 'carrier', 'topology-watch', ...serviceNames] as const

const choosePorts = async (folder: string, httpPort: number): Promise<SystemPorts> => {
  await requireFreePort(httpPort, 'CHOREO_HTTP_PORT')
  const kept = await keptPorts(join(folder, 'ports.json'), programNames)
  const { 'payment-provider': paymentProvider, 'topology-watch': topologyWatch, carrier, ...health } = kept
  return { http: httpPort, paymentProvider, carrier, topologyWatch, health }
}

/** Services end before providers, and those before servers, for each needs the next until its end. */
const stopAll = async (context: Context): Promise<void> => {
  context.say('stopping')
  await stopStarted(context)
  context.list.clear()
}

const contextOf = (options: SystemOptions, folder: string, list: RunList): Context => ({
  ...{ folder, list, random: systemRandom, started: [], build: options.build ?? projectBuild },
  say: options.say ?? (() => {}),
  log: options.log ?? silentLog,
  env: options.env ?? process.env,
})

const start = async (context: Context, httpPort: number, signal?: AbortSignal) => {
  const ports = await choosePorts(context.folder, httpPort)
  const goOn = () => {
    if (signal?.aborted) throw new SagaError('draining', 'asked to stop during the start')
  }
  const connections = await bringUpServers(context)
  goOn()
  const { broker } = connections
  const secrets = secretsOf(context.folder, brokerUsers)
  await makeBrokerReady(broker, secrets)
  goOn()
  await startPrograms(context, connections, secrets, ports)
  goOn()
  return { connections, secrets }
}

/**
 * Starts a whole system with its data in `folder` and keeps it running until `stop`. When the start fails,
 * what was started is stopped again.
 * @throws SagaError `already-running`, `port-taken`, `install-failed`, `server-failed`, `backend-mismatch`,
 * `config-invalid`, `draining` when aborted
 */
export const startSystem = async (options: SystemOptions): Promise<System> => {
  const { httpPort = 3000, say = () => {}, signal } = options
  const claim = await claimFolder(options.folder, say)
  const list = openRunList(claim.folder)
  const context = contextOf(options, claim.folder, list)
  const stop = () => stopAll(context).finally(claim.release)
  const stopEarly = () => void Promise.all(context.started.map(each => each.stop()))
  signal?.addEventListener('abort', stopEarly)
  try {
    const { connections, secrets } = await start(context, httpPort, signal)
    const url = `http://127.0.0.1:${httpPort}`
    return { url, folder: claim.folder, run: list.entries, connections, secrets, stop }
  } catch (error) {
    await stop()
    throw signal?.aborted
      ? new SagaError('draining', 'asked to stop during the start', { cause: error })
      : error
  } finally {
    signal?.removeEventListener('abort', stopEarly)
  }
}
