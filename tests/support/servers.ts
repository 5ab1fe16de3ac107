import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureInstalled } from '../../local/bring-up/install.ts'
import { startMongoDb } from '../../local/servers/mongodb.ts'
import { startRabbitMq } from '../../local/servers/rabbitmq.ts'
import { startRedis } from '../../local/servers/redis.ts'
import {
  type BrokerAdmin,
  type ManagementCall,
  managementApi,
} from '../../shared/messaging/topology/management.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { atEndOfRun } from '../end-of-run.ts'

/** How to reach the broker of this test run as its administrator. */
export type BrokerFacts = BrokerAdmin & {
  /** `amqp://user:password@host:port`, without a vhost. */
  amqpUrl: string
  /** True when the run started it and may stop or kill it. */
  ours: boolean
}

/** A vhost of one test. */
export type Vhost = {
  name: string
  /** As the administrator. */
  amqpUrl: string
  /** Calls the management API (`/api/…`) as the administrator. */
  api: ManagementCall
  drop(): Promise<void>
}

type Stoppable = { kill(): Promise<unknown> }

const folder = mkdtempSync(join(tmpdir(), 'choreo-test-'))
const running: Stoppable[] = []
const vhosts = new Set<Vhost>()

const once = <Value>(make: () => Promise<Value>): (() => Promise<Value>) => {
  let made: Promise<Value> | undefined
  return () => {
    made ??= make()
    return made
  }
}

// What a test run stored is thrown away, so nothing is lost by ending the servers at once.
const toBeEnded = <Server extends Stoppable>(server: Server): Server => {
  running.push(server)
  return server
}

const say = (line: string) => process.stderr.write(`${line}\n`)

/**
 * The broker of this run: `AMQP_URL` with `RABBITMQ_MANAGEMENT_URL`, else a private one that is started at
 * the first call.
 */
export const rabbitmq = once(async (): Promise<BrokerFacts> => {
  const { AMQP_URL, RABBITMQ_MANAGEMENT_URL } = process.env
  if (AMQP_URL && RABBITMQ_MANAGEMENT_URL)
    return givenBroker(new URL(AMQP_URL), new URL(RABBITMQ_MANAGEMENT_URL))
  await ensureInstalled(['rabbitmq-server'], say)
  const server = toBeEnded(await startRabbitMq({ folder: join(folder, 'rabbitmq'), log: silentLog }))
  const { adminUser, adminPassword, managementUrl, amqpPort } = server
  const amqpUrl = `amqp://${adminUser}:${adminPassword}@127.0.0.1:${amqpPort}`
  return { amqpUrl, managementUrl, adminUser, adminPassword, ours: true }
})

const givenBroker = (amqp: URL, management: URL): BrokerFacts => ({
  amqpUrl: `${amqp.protocol}//${amqp.username}:${amqp.password}@${amqp.host}`,
  managementUrl: management.origin,
  adminUser: decodeURIComponent(management.username || amqp.username),
  adminPassword: decodeURIComponent(management.password || amqp.password),
  ours: false,
})

/** The URL of this run's Redis: `REDIS_URL`, else a private one that is started at the first call. */
export const redis = once(async (): Promise<string> => {
  if (process.env.REDIS_URL) return process.env.REDIS_URL
  await ensureInstalled(['redis-server'], say)
  return toBeEnded(await startRedis({ folder: join(folder, 'redis'), log: silentLog })).url
})

/**
 * The URL of this run's MongoDB: `MONGODB_URL`, else a private embedded server that is started at the first
 * call.
 */
export const mongodb = once(async (): Promise<string> => {
  if (process.env.MONGODB_URL) return process.env.MONGODB_URL
  const options = { folder: join(folder, 'mongodb'), log: silentLog, program: 'embedded' } as const
  return toBeEnded(await startMongoDb(options)).url
})

/**
 * A new vhost on this run's broker, with all rights for its administrator; deleted by `drop`, at the latest
 * at the end of the run.
 */
export const vhost = async (): Promise<Vhost> => {
  const broker = await rabbitmq()
  const api = managementApi(broker)
  const name = `test-${systemRandom.id()}`
  await api('PUT', `/api/vhosts/${name}`, {})
  const all = { configure: '.*', write: '.*', read: '.*' }
  await api('PUT', `/api/permissions/${name}/${encodeURIComponent(broker.adminUser)}`, all)
  const drop = async () => {
    if (vhosts.delete(made)) await api('DELETE', `/api/vhosts/${name}`)
  }
  const made: Vhost = { name, amqpUrl: `${broker.amqpUrl}/${name}`, api, drop }
  vhosts.add(made)
  return made
}

/** Starts the named servers before the tests of the enclosing suite, with time for a first start. */
export const needs = (...servers: (() => Promise<unknown>)[]): void => {
  before(async function () {
    this.timeout(180_000)
    await Promise.all(servers.map(start => start()))
  })
}

atEndOfRun(async () => {
  const { ours } = vhosts.size > 0 ? await rabbitmq() : { ours: true }
  if (!ours) for (const left of vhosts) await left.drop()
  await Promise.all(running.map(server => server.kill()))
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})
