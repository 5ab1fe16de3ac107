import { join } from 'node:path'
import type { Context } from '../supervision/context.ts'
import { ownBroker } from './connections.ts'
import { type ComposeServer, composeUp } from './docker.ts'
import { keptPorts } from './kept-ports.ts'
import { secretsOf } from './secrets.ts'

const portNames = ['amqp', 'management', 'prometheus', 'mongodb', 'redis'] as const

/** The named servers as containers on ports of this data folder, and how each is reached. */
export const containers = async (context: Context, servers: readonly ComposeServer[]) => {
  const ports = await keptPorts(join(context.folder, 'docker-ports.json'), portNames)
  const { 'choreo-admin': adminPassword = '', redis: redisPassword = '' } = secretsOf(context.folder, [
    'choreo-admin',
    'redis',
  ])
  context.say(`starting ${servers.join(', ')} with docker compose`)
  const stop = await composeUp(context.folder, servers, {
    RABBITMQ_ADMIN_PASSWORD: adminPassword,
    REDIS_PASSWORD: redisPassword,
    RABBITMQ_AMQP_PORT: String(ports.amqp),
    RABBITMQ_MANAGEMENT_PORT: String(ports.management),
    RABBITMQ_PROMETHEUS_PORT: String(ports.prometheus),
    MONGODB_PORT: String(ports.mongodb),
    REDIS_PORT: String(ports.redis),
  })
  context.started.push({ stop })
  const managementUrl = `http://127.0.0.1:${ports.management}`
  const urls = { mongodb: `mongodb://127.0.0.1:${ports.mongodb}`, redis: `redis://127.0.0.1:${ports.redis}` }
  const addresses = { ...urls, rabbitmq: managementUrl }
  for (const name of servers) {
    const port = name === 'rabbitmq' ? ports.amqp : ports[name]
    context.list.set({ name, kind: 'server', pid: null, port, url: addresses[name], log: null })
  }
  return {
    mongodb: urls.mongodb,
    redis: urls.redis.replace('//', `//:${redisPassword}@`),
    rabbitmq: ownBroker(ports.amqp, { managementUrl, adminUser: 'choreo-admin', adminPassword }),
  }
}
