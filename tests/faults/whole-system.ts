import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../local/bring-up/ports.ts'
import { startMongoDb } from '../../local/servers/mongodb.ts'
import { type System, startSystem } from '../../local/system/system.ts'
import { brokerUsers } from '../../rabbitmq/declared.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { atEndOfRun } from '../end-of-run.ts'
import { rabbitmq, redis, type Vhost, vhost } from '../support/servers.ts'

/** A system of one test, with all that runs in production: processes, supervisor, providers, broker users. */
export type WholeSystem = {
  system: System
  mongodbUrl: string
  vhost: Vhost
  /** What the supervisor said so far. */
  said: readonly string[]
  stop(): Promise<void>
}

/** Where a system has its exchanges and queues. */
type BrokerPlace = Pick<WholeSystem, 'vhost'> & { managementUrl: string }

const onThisRunsRabbitMq = async (): Promise<BrokerPlace> => {
  const [{ managementUrl }, ours] = await Promise.all([rabbitmq(), vhost()])
  const drop = async () => {
    await Promise.all(brokerUsers.map(name => ours.api('DELETE', `/api/users/${ours.name}.${name}`)))
    await ours.drop()
  }
  return { vhost: { ...ours, drop }, managementUrl }
}

let shared: Promise<WholeSystem> | undefined

/**
 * The one system of this process for all tests that leave it as well as they found it; its watch looks at the
 * topology twice a second.
 */
export const sharedSystem = (): Promise<WholeSystem> => {
  shared ??= startWholeSystem({ env: { CHOREO_TOPOLOGY_WATCH: '500ms' } })
  return shared
}

atEndOfRun(async () => {
  const system = await shared?.catch(() => undefined)
  await system?.stop()
})

/**
 * Starts one on this run's RabbitMQ, in a vhost of its own, unless it is given another place, and on its
 * Redis; data, documents and ports are its own too. `build` is where its programs are, if not here; `env` is what
 * they are told besides.
 */
export const startWholeSystem = async ({
  build,
  place = onThisRunsRabbitMq,
  env: more = {},
}: {
  build?: string
  place?: () => Promise<BrokerPlace>
  env?: NodeJS.ProcessEnv
} = {}): Promise<WholeSystem> => {
  const folder = mkdtempSync(join(tmpdir(), 'choreo-test-'))
  const said: string[] = []
  const [{ vhost: ours, managementUrl }, redisUrl] = await Promise.all([place(), redis()])
  const mongodb = await startMongoDb({
    folder: join(folder, 'documents'),
    log: silentLog,
    program: 'embedded',
  })
  const given = {
    AMQP_URL: ours.amqpUrl,
    RABBITMQ_MANAGEMENT_URL: managementUrl,
    REDIS_URL: redisUrl,
    MONGODB_URL: mongodb.url,
  }
  const clean = async () => {
    await mongodb.kill()
    await ours.drop()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  const env = { ...process.env, ...given, ...more }
  const options = { folder, httpPort: await freePort(), env, ...(build !== undefined && { build }) }
  const system = await startSystem({ ...options, say: line => said.push(line) }).catch(async error => {
    await clean().catch(() => {})
    throw error
  })
  return { system, mongodbUrl: mongodb.url, vhost: ours, said, stop: () => system.stop().finally(clean) }
}
