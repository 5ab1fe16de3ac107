import { Redis } from 'ioredis'
import type { EventId } from '../contract/ids.ts'
import { calm } from '../runtime/calm.ts'
import type { Clock } from '../runtime/clock.ts'
import { coalesced } from '../runtime/coalesce.ts'
import { codeOf } from '../runtime/errors.ts'
import type { Log } from '../runtime/log.ts'
import { type Circuit, circuit, type Patience } from './circuit.ts'
import { databaseSharing } from './sharing.ts'
import type { DoneCache } from './store.ts'

export type RedisOptions = {
  readonly url: string
  readonly service: string
  /** How long a note is kept; a day unless said otherwise. */
  readonly ttlSeconds?: number
  /** 50 ms for an answer and a second's pause after a failure unless said otherwise. */
  readonly patience?: Patience
  readonly clock: Clock
  readonly log: Log
}

export type RedisDoneCache = DoneCache & {
  close(): Promise<void>
  /** Whether work goes on without Redis at present, by kind of command. */
  open(): { readonly reads: boolean; readonly writes: boolean }
}

const day = 86_400
const shortPatience: Patience = { answerMs: 50, pauseMs: 1_000 }

/**
 * Notes in Redis under `done:<service>:<event id>`. Calls of one moment share a round trip. Whatever goes wrong there costs at most
 * a short wait for the calls of one moment, then none: unreachable, slow, full, read-only or wiped all mean "not seen".
 */
export const redisDoneCache = (options: RedisOptions): RedisDoneCache => {
  const { service, ttlSeconds = day, patience = shortPatience } = options
  const redis = connect(options)
  const reading = guarded('reads', options, patience)
  const writing = guarded('writes', options, patience)
  const key = (id: EventId) => `done:${service}:${id}`
  const connected = () => redis.status === 'ready'

  const find = coalesced(databaseSharing, async (ids: readonly EventId[]) => {
    const nothing = ids.map(() => null)
    const values = connected() ? await reading.run(() => redis.mget(ids.map(key)), nothing) : nothing
    return values.map(value => value !== null)
  })
  const note = coalesced(databaseSharing, async (ids: readonly EventId[]) => {
    if (connected()) await writing.run(() => setAll(redis, ids.map(key), ttlSeconds), undefined)
    return ids.map(() => undefined)
  })
  return {
    isDone: async id => connected() && (await find(id)),
    markDone: async id => {
      if (connected()) await note(id)
    },
    open: () => ({ reads: !connected() || reading.isOpen(), writes: !connected() || writing.isOpen() }),
    close: async () => {
      reading.stop()
      writing.stop()
      redis.disconnect()
    },
  }
}

// Under load an answer may be late every other second: that is one piece of news, not a hundred.
const newsEveryMs = 10_000

/** A circuit that says what it came to, at most once per while. */
const guarded = (name: string, { service, clock, log }: RedisOptions, patience: Patience) => {
  let open = false
  const news = calm<string | undefined>(clock, newsEveryMs, undefined, failing =>
    failing === undefined
      ? log.info(`redis ${name} work again`, { service })
      : log.warn(`redis ${name} fail, work goes on without`, { service, code: failing }),
  )
  const run: Circuit = circuit(clock, patience, failing => {
    open = failing !== undefined
    news.set(failing)
  })
  return { run, isOpen: () => open, stop: news.stop }
}

/** A connection that comes back by itself and never keeps commands for later. */
const connect = ({ url, service, log }: RedisOptions): Redis => {
  const redis = new Redis(url, {
    connectionName: `choreo-${service}`,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    // Ends a connection on which a command got no answer, and the command with it.
    socketTimeout: 2_000,
    retryStrategy: attempt => Math.min(100 * 2 ** attempt, 2_000),
    // A primary that became a replica keeps its connections; a new one finds its successor.
    reconnectOnError: error => error.message.startsWith('READONLY'),
  })
  let down = false
  const lost = (code: string) => {
    if (!down) log.warn('redis is unreachable, work goes on without', { service, code })
    down = true
  }
  redis.on('error', error => lost(codeOf(error)))
  // Without it an outage that ends before the first attempt to reconnect would go unsaid.
  redis.on('reconnecting', () => lost('closed'))
  redis.on('ready', () => {
    if (down) log.info('redis is back', { service })
    down = false
  })
  return redis
}

const setAll = async (redis: Redis, keys: readonly string[], ttlSeconds: number): Promise<undefined> => {
  const pipeline = redis.pipeline()
  for (const key of keys) pipeline.set(key, '1', 'EX', ttlSeconds)
  for (const [error] of (await pipeline.exec()) ?? []) if (error) throw refused(error)
}

// Redis says what is wrong in the first word: OOM, READONLY, NOPERM, MISCONF.
const refused = (cause: Error): Error =>
  Object.assign(new Error('redis refused a note', { cause }), { code: /^[A-Z]+/.exec(cause.message)?.[0] })
