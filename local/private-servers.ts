import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Servers } from '../harness/run-saga.ts'
import { silentLog } from '../shared/runtime/telemetry/log.ts'
import { ensureInstalled } from './bring-up/install.ts'
import { startMongoDb } from './servers/mongodb.ts'
import { startRabbitMq } from './servers/rabbitmq.ts'
import { startRedis } from './servers/redis.ts'

/** Servers of one run; their data are gone with them. */
export type PrivateServers = Servers & { stop(): Promise<void> }

/**
 * Starts a RabbitMQ, a Redis and an embedded MongoDB in a folder of their own, and installs what is missing.
 * @throws SagaError `install-failed`, `server-failed`; nothing runs then
 */
export const startPrivateServers = async (say: (line: string) => void): Promise<PrivateServers> => {
  await ensureInstalled(['rabbitmq-server', 'redis-server'], say)
  const folder = mkdtempSync(join(tmpdir(), 'choreo-private-'))
  const [log, at] = [silentLog, (name: string) => join(folder, name)]
  const starting = [
    startRabbitMq({ folder: at('rabbitmq'), log }),
    startMongoDb({ folder: at('mongodb'), log, program: 'embedded' }),
    startRedis({ folder: at('redis'), log }),
  ] as const
  const stop = async () => {
    const started = await Promise.allSettled(starting)
    await Promise.all(started.map(one => one.status === 'fulfilled' && one.value.kill()))
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  try {
    const [rabbitmq, mongodb, redis] = await Promise.all(starting)
    const { adminUser, adminPassword, managementUrl, amqpPort } = rabbitmq
    const broker = { adminUser, adminPassword, managementUrl, amqpUrl: `amqp://127.0.0.1:${amqpPort}` }
    return { broker, mongodbUrl: mongodb.url, redisUrl: redis.url, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
