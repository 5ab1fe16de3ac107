import { join } from 'node:path'
import { brokerUsers } from '../../rabbitmq/declared.ts'
import { codeOf } from '../../shared/runtime/errors.ts'
import type { RunEntry } from '../../system/run-list.ts'
import { type MongoProgram, startMongoDb } from '../servers/mongodb.ts'
import { startRabbitMq } from '../servers/rabbitmq.ts'
import { factsOf } from '../servers/rabbitmq-instance.ts'
import { startRedis } from '../servers/redis.ts'
import { type Context, logFileOf } from '../supervision/context.ts'
import { type Supervision, supervise } from '../supervision/supervise.ts'
import { type BrokerConnection, ownBroker } from './connections.ts'
import { keptPorts } from './kept-ports.ts'
import { secretsOf } from './secrets.ts'
import { makeBrokerReady } from './topology.ts'

// The port is chosen once: a server that is started again must be where the services look for it.

type Server = Pick<Supervision, 'start' | 'graceMs'> & { entry: RunEntry & { log: string } }

const keepUp = async (context: Context, { entry, start, graceMs }: Server): Promise<void> => {
  const { name, log } = entry
  const ready = async () => true
  const supervised = supervise({ name, log, entries: [entry], start, ready, graceMs }, context)
  context.started.push(supervised)
  await supervised.up
  context.say(`${name} is up on port ${entry.port}`)
}

const entryOf = (context: Context, name: string, port: number, url: string) => ({
  ...{ name, kind: 'server' as const, pid: null, port, url },
  log: logFileOf(context.folder, name),
})

/** A private RabbitMQ in the data folder, kept running. */
export const ownRabbitMq = async (context: Context): Promise<BrokerConnection> => {
  const folder = join(context.folder, 'rabbitmq')
  const { ports, ...admin } = await factsOf(folder)
  const managementUrl = `http://127.0.0.1:${ports.management}`
  const entry = entryOf(context, 'rabbitmq', ports.amqp, managementUrl)
  const options = { folder, ports, log: context.log, logFile: entry.log }
  const broker = ownBroker(ports.amqp, { ...admin, managementUrl })
  let again = false
  const start = async (signal: AbortSignal) => {
    const server = await startRabbitMq({ ...options, signal })
    if (again) await restoreTopology(context, broker)
    again = true
    return server
  }
  await keepUp(context, { entry, graceMs: 30_000, start })
  return broker
}

/** A broker that lost its disk comes back empty, and its services could do nothing about it. */
const restoreTopology = (context: Context, broker: BrokerConnection): Promise<void> =>
  makeBrokerReady(broker, secretsOf(context.folder, brokerUsers)).catch(error =>
    context.say(`the topology could not be applied to the broker again: ${codeOf(error)}`),
  )

/** A private Redis in the data folder, kept running; its URL. */
export const ownRedis = async (context: Context): Promise<string> => {
  const folder = join(context.folder, 'redis')
  const { redis: port } = await keptPorts(join(folder, 'ports.json'), ['redis'])
  const url = `redis://127.0.0.1:${port}`
  const entry = entryOf(context, 'redis', port, url)
  const options = { folder, port, log: context.log, logFile: entry.log }
  await keepUp(context, { entry, graceMs: 10_000, start: signal => startRedis({ ...options, signal }) })
  return url
}

/** A private MongoDB in the data folder, kept running; its URL. */
export const ownMongoDb = async (context: Context, program: MongoProgram): Promise<string> => {
  const folder = join(context.folder, 'mongodb')
  const { mongodb: port } = await keptPorts(join(folder, 'ports.json'), ['mongodb'])
  const url = `mongodb://127.0.0.1:${port}`
  const entry = entryOf(context, 'mongodb', port, url)
  const options = { folder, port, program, log: context.log, logFile: entry.log }
  await keepUp(context, { entry, graceMs: 15_000, start: signal => startMongoDb({ ...options, signal }) })
  return url
}
