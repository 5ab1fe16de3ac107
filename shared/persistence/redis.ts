import { Redis } from 'ioredis'
import type { EventId } from '../contract/ids.ts'
import { codeOf, SagaError } from '../runtime/errors.ts'
import type { Log } from '../runtime/log.ts'
import type { DoneCache } from './store.ts'

export type RedisDoneCacheOptions = {
  readonly url: string
  /** Keys are `done:<service>:<event id>`. */
  readonly service: string
  /** How long a note is kept; a day unless set. */
  readonly ttlSeconds?: number
  /** The longest that an answer is waited for (ms); 50 unless set. */
  readonly timeoutMs?: number
  readonly log: Log
}

/**
 * The done cache in Redis. Whatever is wrong with Redis (down, slow, full, wiped, read-only) means "not seen": nothing is queued while
 * it is away, and it is looked for again in the background. Notes and questions of one moment travel together.
 * @throws SagaError `config-invalid` when the URL is none
 */
export const redisDoneCache = (options: RedisDoneCacheOptions): DoneCache & { close(): void } => {
  const { service, ttlSeconds = 86_400, log } = options
  const redis = connect(options)
  const keyOf = (id: EventId) => `done:${service}:${id}`
  reportChanges(redis, log)
  return {
    isDone: async id => (await orElse(0, redis.exists(keyOf(id)))) === 1,
    markDone: async id => {
      await orElse(undefined, redis.set(keyOf(id), 1, 'EX', ttlSeconds))
    },
    close: () => redis.disconnect(),
  }
}

const connect = ({ url, timeoutMs = 50 }: RedisDoneCacheOptions): Redis => {
  try {
    return new Redis(url, {
      enableAutoPipelining: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      commandTimeout: timeoutMs,
      connectTimeout: 2_000,
      retryStrategy: attempt => Math.min(2_000, 100 * attempt),
    })
  } catch {
    throw new SagaError('config-invalid', 'REDIS_URL is not a Redis connection string', { retry: 'never' })
  }
}

const orElse = async <T>(fallback: T, answer: Promise<unknown>): Promise<T | unknown> => {
  try {
    return await answer
  } catch {
    return fallback
  }
}

/** Says once that Redis is away and once that it is back, however often it is tried. */
const reportChanges = (redis: Redis, log: Log): void => {
  let away = false
  redis.on('error', error => {
    if (!away) log.warn('redis is away, which costs speed only', { code: codeOf(error) })
    away = true
  })
  redis.on('ready', () => {
    if (away) log.info('redis is back')
    away = false
  })
}
