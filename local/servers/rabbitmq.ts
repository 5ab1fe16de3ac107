import { join, resolve } from 'node:path'
import { fetchDirectly } from '../../shared/runtime/http/direct-fetch.ts'
import type { Log } from '../../shared/runtime/telemetry/log.ts'
import { type OwnedProcess, startOwned } from '../supervision/owned-process.ts'
import { waitUntil } from '../supervision/wait.ts'
import { firstAnswer } from './probe.ts'
import { chosenInstallation, type Installation } from './rabbitmq-installation.ts'
import {
  environmentOf,
  factsOf,
  type RabbitMqFacts,
  type RabbitMqPorts,
  writeConfiguration,
} from './rabbitmq-instance.ts'
import { whyGone } from './why-gone.ts'

/** A running private RabbitMQ; the administrator may do everything on it. */
export type RabbitMq = OwnedProcess & {
  ports: RabbitMqPorts
  amqpPort: number
  managementPort: number
  prometheusPort: number
  adminUser: string
  adminPassword: string
  managementUrl: string
  /** The URL of a vhost as the administrator. */
  adminUrl(vhost: string): string
}

const handshake = async (port: number) => {
  const methodFrame = 1
  return (await firstAnswer(port, Uint8Array.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1])))[0] === methodFrame
}

const answersAdmin = async ({ ports, adminUser, adminPassword }: RabbitMqFacts) => {
  const authorization = `Basic ${Buffer.from(`${adminUser}:${adminPassword}`).toString('base64')}`
  const signal = AbortSignal.timeout(2_000)
  const answer = await fetchDirectly(`http://127.0.0.1:${ports.management}/api/overview`, {
    headers: { authorization },
    signal,
  })
  await answer.body?.cancel()
  return answer.ok
}

type Options = {
  folder: string
  log: Log
  /** Which RabbitMQ to run; `chosenInstallation` unless given. */
  installation?: Installation
  ports?: Partial<RabbitMqPorts>
  logFile?: string
  /**
   * The name of a node that may join others: whoever starts them starts one port mapper for all, on
   * `ports.epmd`.
   */
  node?: string
  /** Aborting it ends a start that is under way. */
  signal?: AbortSignal
}

type Instance = { folder: string; logFile: string; facts: RabbitMqFacts; installation: Installation }

/**
 * Starts the port mapper by which nodes and tools find a node on `ports.epmd`. @throws SagaError
 * `install-failed`, `server-failed`
 */
export const startMapper = ({ folder, logFile, facts, installation }: Instance): Promise<OwnedProcess> => {
  const args = ['-port', String(facts.ports.epmd), '-address', '127.0.0.1']
  const env = environmentOf(installation.seen(folder), facts)
  return startOwned({ name: 'epmd', folder, env, logFile, ...installation.command(folder, 'epmd', args) })
}

/** The port mapper runs as our own child: a broker that starts one itself leaves it behind. */
const startProcesses = async (instance: Instance) => {
  const { folder, logFile, facts, installation } = instance
  const env = environmentOf(installation.seen(folder), facts)
  const command = installation.command(folder, 'rabbitmq-server')
  const mapper = facts.node === undefined ? await startMapper(instance) : undefined
  const broker = await startOwned({ name: 'rabbitmq', folder, env, logFile, ...command })
  const exited = broker.exited.finally(() => mapper?.kill())
  return { ...broker, exited }
}

const withMapper = (broker: OwnedProcess): OwnedProcess => ({
  ...broker,
  // Its stop flushes queues and closes the store; a broker that is cut off recovers, but slowly.
  stop: async (graceMs = 30_000) => {
    await broker.stop(graceMs)
    return broker.exited
  },
  kill: async () => {
    await broker.kill()
    return broker.exited
  },
})

/**
 * Starts a private RabbitMQ on loopback with its data in `folder`, whatever its name is and wherever it was
 * before; resolves when AMQP and the management API answer. Ports and administrator are kept for later starts in the same folder.
 * @throws SagaError `server-failed`, `install-failed` when there is no RabbitMQ
 */
export const startRabbitMq = async (options: Options): Promise<RabbitMq> => {
  const folder = resolve(options.folder)
  const logFile = options.logFile ?? join(folder, 'rabbitmq.log')
  const { installation = chosenInstallation(), node } = options
  const facts = { ...(await factsOf(folder, options.ports)), ...(node !== undefined && { node }) }
  writeConfiguration(folder, facts)
  const broker = withMapper(await startProcesses({ folder, logFile, facts, installation }))
  const usable = async () => (await handshake(facts.ports.amqp)) && answersAdmin(facts)
  const gone = () => whyGone(broker, logFile, options.signal)
  await waitUntil('rabbitmq', usable, { deadlineMs: 120_000, gone }).catch(async error => {
    await broker.kill()
    throw error
  })
  options.log.info('rabbitmq is up', { port: facts.ports.amqp, pid: broker.pid })
  return { ...broker, ...connectionFacts(facts) }
}

const connectionFacts = ({ ports, adminUser, adminPassword }: RabbitMqFacts) => ({
  ports,
  amqpPort: ports.amqp,
  managementPort: ports.management,
  prometheusPort: ports.prometheus,
  adminUser,
  adminPassword,
  managementUrl: `http://127.0.0.1:${ports.management}`,
  adminUrl: (vhost: string) =>
    `amqp://${adminUser}:${adminPassword}@127.0.0.1:${ports.amqp}/${encodeURIComponent(vhost)}`,
})
