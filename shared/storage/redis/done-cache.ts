import { Redis } from 'ioredis'
import type { EventId } from '../../contract/ids.ts'
import { coalesced, gathering } from '../../runtime/coalesce.ts'
import type { ErrorReport } from '../../runtime/error-report.ts'
import { errorFields, reportFields } from '../../runtime/telemetry/failure-log.ts'
import type { Log, LogFields } from '../../runtime/telemetry/log.ts'
import type { Clock } from '../../runtime/time/clock.ts'
import { throttled } from '../../runtime/time/throttle.ts'
import type { DoneCache } from '../../saga/document/store.ts'
import { databaseBatchLimits } from '../batch-limits.ts'
import { type CircuitBreaker, type CircuitBreakerOptions, circuitBreaker } from './circuit-breaker.ts'

export type RedisOptions = {
  readonly url: string
  readonly service: string
  /** How long a note is kept; a day unless said otherwise. */
  readonly ttlSeconds?: number
  /** 250 ms for an answer and a second's pause after a failure unless said otherwise. */
  readonly patience?: CircuitBreakerOptions
  readonly clock: Clock
  readonly log: Log
}

export type RedisDoneCache = DoneCache & {
  close(): Promise<void>
  /** Whether work goes on without Redis at present, by kind of command. */
  open(): { readonly reads: boolean; readonly writes: boolean }
}

const day = 86_400
/**
 * An answer takes under a millisecond, and some tens of them when Redis saves or its machine is busy. The
 * delays of this process count only when they come twice, so what is later than this is away, and costs its
 * callers this much once.
 */
const shortPatience: CircuitBreakerOptions = { answerMs: 250, pauseMs: 1_000 }
/** Nobody waits for a note: whatever comes again so soon is known to the process that handled it. */
const gatherNotesMs = 50

/**
 * Notes in Redis under `done:<service>:<event id>`. Calls of one moment share a round trip. Whatever goes
 * wrong there costs at most a short wait for the calls of one moment, then none: unreachable, slow, full,
 * read-only or wiped all mean "not seen".
 */
export const redisDoneCache = (options: RedisOptions): RedisDoneCache => {
  const { service, ttlSeconds = day, patience = shortPatience } = options
  const { redis, connected } = connect(options)
  const reading = guarded('reads', options, patience)
  const writing = guarded('writes', options, patience)
  const key = (id: EventId) => `done:${service}:${id}`

  const find = coalesced(databaseBatchLimits, async (ids: readonly EventId[]) => {
    const nothing = ids.map(() => null)
    const ask = () => redis.mget(ids.map(key)).catch(unlessCutOff(connected, nothing))
    const values = connected() ? await reading.run(ask, nothing) : nothing
    return values.map(value => value !== null)
  })
  const noteAll = async (ids: readonly EventId[]) => {
    if (connected()) await writing.run(() => setAll(redis, ids.map(key), ttlSeconds), undefined)
    return ids.map(() => undefined)
  }
  const note = coalesced(databaseBatchLimits, noteAll, gathering(options.clock, gatherNotesMs))
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

/** A circuit that says what it came to, at most once per while, and how often it has failed meanwhile. */
const guarded = (name: string, { clock, log }: RedisOptions, patience: CircuitBreakerOptions) => {
  let open = false
  let failures = 0
  let why: ErrorReport | undefined
  const news = throttled<string | undefined>(clock, newsEveryMs, undefined, failing => {
    if (failing !== undefined)
      return log.warn(`redis ${name} fail, work goes on without`, why && reportFields(why))
    log.info(`redis ${name} work again`, { count: failures })
    failures = 0
  })
  const run: CircuitBreaker = circuitBreaker(clock, patience, (failing, soFar) => {
    open = failing !== undefined
    if (!open) failures += soFar
    why = failing ?? why
    news.set(failing?.code)
  })
  return { run, isOpen: () => open, stop: news.stop }
}

/** A connection that comes back by itself and never keeps commands for later. */
const connect = ({ url, service, log }: RedisOptions) => {
  let leavesReplica = false
  const redis = new Redis(url, {
    connectionName: `choreo-${service}`,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2_000,
    // Ends a connection on which a command got no answer, and the command with it. Far longer than this
    // process is ever too busy to read; until then the circuit keeps callers from waiting.
    socketTimeout: 5_000,
    retryStrategy: attempt => Math.min(100 * 2 ** attempt, 2_000),
    // A primary that became a replica keeps its connections; a new one finds its successor.
    reconnectOnError: error => {
      if (!error.message.startsWith('READONLY')) return false
      leavesReplica = true
      return true
    },
  })
  let failures = 0
  const lost = (why: LogFields) => {
    if (failures++ === 0) log.warn('redis is unreachable, work goes on without', why)
  }
  redis.on('error', error => lost(errorFields(refused(error))))
  // Without it an outage that ends before the first attempt to reconnect would go unsaid. A replica that is
  // left is no outage: the circuit says that it takes no notes.
  redis.on('reconnecting', () => {
    if (!leavesReplica) lost({ code: 'closed' })
  })
  redis.on('ready', () => {
    leavesReplica = false
    if (failures > 0) log.info('redis is back', { count: failures })
    failures = 0
  })
  redis.defineCommand('setEach', { lua: setEach })
  const connected = () => redis.status === 'ready' && !leavesReplica
  return { redis: redis as NotingRedis, connected }
}

type NotingRedis = Redis & { setEach(...args: readonly (string | number)[]): Promise<unknown> }

/** A connection that goes is news of its own: what is cut off with it says nothing of reads. */
const unlessCutOff =
  <T>(connected: () => boolean, otherwise: T) =>
  (error: unknown): T => {
    if (connected()) throw error
    return otherwise
  }

// MSET knows no time to live. A pipeline of SET costs this process five times as much per key.
const setEach = "for _, key in ipairs(KEYS) do redis.call('SET', key, '1', 'EX', ARGV[1]) end"

const setAll = async (redis: NotingRedis, keys: readonly string[], ttlSeconds: number): Promise<void> => {
  const [first, ...more] = keys
  if (first === undefined) return
  try {
    if (more.length === 0) await redis.set(first, '1', 'EX', ttlSeconds)
    else await redis.setEach(keys.length, ...keys, ttlSeconds)
  } catch (error) {
    throw refused(error)
  }
}

// Redis says what is wrong in the first word: OOM, READONLY, NOPERM, MISCONF, WRONGPASS.
const refused = (cause: unknown): unknown => {
  if (!(cause instanceof Error) || cause.name !== 'ReplyError') return cause
  const { name, message } = cause
  const [code] = /^[A-Z]+/.exec(message) ?? []
  return code ? Object.assign(new Error(message), { name, code }) : cause
}
