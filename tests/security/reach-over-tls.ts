import { connectOnce } from '../../shared/messaging/amqp/connection.ts'
import { managementApi } from '../../shared/messaging/topology/management.ts'
import { codeOf } from '../../shared/runtime/errors.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { redisDoneCache } from '../../shared/storage/redis/done-cache.ts'
import { id } from '../storage/documents.ts'
import { newOrder } from '../support/events.ts'

// A program of its own, for Node reads NODE_EXTRA_CA_CERTS at its start.

const { AMQP_URL = '', MANAGEMENT_URL = '', REDIS_URL = '', ADMIN = '' } = process.env

const overAmqp = async (): Promise<string> => {
  const model = await connectOnce({ url: AMQP_URL, name: 'test', clock: systemClock, log: silentLog })
  await model.close()
  return 'reached'
}

const overHttps = async (): Promise<string> => {
  const [adminUser = '', adminPassword = ''] = ADMIN.split(':')
  await managementApi({ managementUrl: MANAGEMENT_URL, adminUser, adminPassword })('GET', '/api/overview')
  return 'reached'
}

/** Until it is reached, or the cache says why it is not. */
const overRedis = (): Promise<string> =>
  new Promise((resolve, reject) => {
    const warn = (_: string, fields: { code?: unknown } = {}) => resolve(String(fields.code))
    const cache = redisDoneCache({
      ...{ url: REDIS_URL, service: 'order', clock: systemClock, log: { ...silentLog, warn } },
    })
    const event = id(newOrder(), 1)
    const look = async (): Promise<void> => {
      await cache.markDone(event)
      if (await cache.isDone(event)) resolve('reached')
      else setTimeout(() => look().catch(reject), 20)
    }
    look().catch(reject)
  })

const told = (work: Promise<string>) =>
  work.catch(error => `${codeOf(error)} ${codeOf(error.cause?.cause ?? error.cause)}`)

const [amqp, management, redis] = await Promise.all([told(overAmqp()), told(overHttps()), told(overRedis())])
process.stdout.write(JSON.stringify({ amqp, management, redis }))
process.exit(0)
