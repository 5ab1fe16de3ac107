import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../local/bring-up/ports.ts'
import { type MongoDb, startMongoDb } from '../../local/servers/mongodb.ts'
import { type RabbitMq, startRabbitMq } from '../../local/servers/rabbitmq.ts'
import { type Redis, startRedis } from '../../local/servers/redis.ts'
import { type System, startSystem } from '../../local/system/system.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { rabbitmqctl } from '../support/rabbitmqctl.ts'

/** A server that a test takes away and gives back, at the same place and with its data. */
export type Breakable = {
  kill(): Promise<unknown>
  startAgain(): Promise<void>
  freeze(): void
  thaw(): void
}

/** A whole system on servers of its own, none of which is started again by anybody but the test. */
export type BreakableSystem = {
  readonly system: System
  readonly rabbitmq: Breakable
  readonly mongodb: Breakable
  readonly redis: Breakable
  readonly broker: RabbitMq
  readonly mongodbUrl: string
  /** What the supervisor of the services said so far. */
  readonly said: readonly string[]
  /** Everything that a service has logged so far. */
  logOf(name: string): string
  /** Runs a command of RabbitMQ's own tool on the broker. */
  rabbitmqctl(...args: string[]): Promise<void>
  stop(): Promise<void>
}

/** Where the stores are, as the services are told. */
type ServerUrls = { readonly MONGODB_URL: string; readonly REDIS_URL: string }

type Server = { readonly pid: number; kill(): Promise<unknown> }

const breakable = <S extends Server>(first: S, start: () => Promise<S>): Breakable => {
  let current = first
  const send = (signal: NodeJS.Signals) => void process.kill(current.pid, signal)
  return {
    kill: () => current.kill(),
    startAgain: async () => {
      current = await start()
    },
    freeze: () => send('SIGSTOP'),
    thaw: () => send('SIGCONT'),
  }
}

const startServers = async (folder: string) => {
  const at = (name: string) => ({ folder: join(folder, name), log: silentLog })
  const starts = {
    rabbitmq: (): Promise<RabbitMq> => startRabbitMq(at('rabbitmq')),
    mongodb: (): Promise<MongoDb> => startMongoDb({ ...at('mongodb'), program: 'embedded' }),
    redis: (): Promise<Redis> => startRedis(at('redis')),
  }
  const [broker, store, cache] = await Promise.all([starts.rabbitmq(), starts.mongodb(), starts.redis()])
  return {
    ...{ broker, store, cache },
    rabbitmq: breakable(broker, starts.rabbitmq),
    mongodb: breakable(store, starts.mongodb),
    redis: breakable(cache, starts.redis),
  }
}

export const startBreakableSystem = async (
  variables: Record<string, string> = {},
  urlsOf: (urls: ServerUrls) => ServerUrls = urls => urls,
): Promise<BreakableSystem> => {
  const folder = mkdtempSync(join(tmpdir(), 'choreo-test-'))
  const said: string[] = []
  const { broker, store, cache, rabbitmq, mongodb, redis } = await startServers(folder)
  const { adminUser, adminPassword, amqpPort, managementUrl } = broker
  const given = {
    AMQP_URL: `amqp://${adminUser}:${adminPassword}@127.0.0.1:${amqpPort}`,
    RABBITMQ_MANAGEMENT_URL: managementUrl,
    ...urlsOf({ MONGODB_URL: store.url, REDIS_URL: cache.url }),
  }
  const clean = async () => {
    redis.thaw()
    await Promise.all([rabbitmq.kill(), mongodb.kill(), redis.kill()])
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  const home = join(folder, 'system')
  const env = { ...process.env, ...given, ...variables }
  const options = { folder: home, httpPort: await freePort(), env, say: (line: string) => said.push(line) }
  const system = await startSystem(options).catch(async error => {
    await clean()
    throw error
  })
  return {
    ...{ system, rabbitmq, mongodb, redis, broker, mongodbUrl: store.url, said },
    rabbitmqctl: (...args) => rabbitmqctl(join(folder, 'rabbitmq'), broker, args),
    logOf: name => readFileSync(join(home, 'logs', `${name}.log`), 'utf8'),
    stop: () => system.stop().finally(clean),
  }
}
