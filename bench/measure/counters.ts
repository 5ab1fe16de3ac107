import { Redis } from 'ioredis'
import { MongoClient } from 'mongodb'
import { scrape, sumOf } from './prometheus.ts'

/** What servers have counted so far; what one of them does not count is absent. */
export type Counters = {
  /** AMQP messages that were published and delivered. */
  readonly published?: number
  readonly delivered?: number
  /** Commands and, several of them in one, reads from sockets. */
  readonly redisCommands?: number
  readonly redisReads?: number
  /** Requests that the store has answered. */
  readonly storeRequests?: number
}

/** Where servers are asked. */
export type CounterPlaces = {
  readonly rabbitMqFigures?: string
  readonly redisUrl?: string
  readonly mongodbUrl?: string
}

const given = <Name extends string>(name: Name, value: number | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [N in Name]?: number }

const rabbitMqCounters = async (url: string): Promise<Counters> => {
  const samples = await scrape(url)
  return {
    ...given('published', sumOf(samples, 'rabbitmq_global_messages_received_total')),
    ...given('delivered', sumOf(samples, 'rabbitmq_global_messages_delivered_total')),
  }
}

const numberIn = (info: string, name: string): number | undefined => {
  const found = new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1]
  return found === undefined ? undefined : Number(found)
}

/** What `INFO all` of Redis says. Pure. */
export const redisCountersIn = (info: string): Counters => ({
  ...given('redisCommands', numberIn(info, 'total_commands_processed')),
  ...given('redisReads', numberIn(info, 'total_reads_processed')),
})

const redisCounters = async (url: string): Promise<Counters> => {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null })
  try {
    await redis.connect()
    return redisCountersIn(await redis.info('all'))
  } catch {
    return {}
  } finally {
    redis.disconnect()
  }
}

type ServerStatus = { network?: { numRequests?: number } }

/**
 * MongoDB counts its requests; the embedded server does not know the command, and nothing is reported of it
 * then.
 */
const mongodbCounters = async (url: string): Promise<Counters> => {
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 2_000 })
  try {
    const status = (await client.db('admin').command({ serverStatus: 1 })) as ServerStatus
    return given('storeRequests', status.network?.numRequests && Number(status.network.numRequests))
  } catch {
    return {}
  } finally {
    await client.close()
  }
}

/** Asks every server that there is. */
export const countersAt = async (places: CounterPlaces): Promise<Counters> => {
  const { rabbitMqFigures, redisUrl, mongodbUrl } = places
  const asked = await Promise.all([
    rabbitMqFigures ? rabbitMqCounters(rabbitMqFigures) : {},
    redisUrl ? redisCounters(redisUrl) : {},
    mongodbUrl ? mongodbCounters(mongodbUrl) : {},
  ])
  return Object.assign({}, ...asked) as Counters
}

/** What was counted between two readings. Pure. */
export const counted = (before: Counters, after: Counters): Counters =>
  Object.fromEntries(
    Object.entries(after).flatMap(([name, value]) => {
      const start = before[name as keyof Counters]
      return start === undefined ? [] : [[name, value - start]]
    }),
  )
