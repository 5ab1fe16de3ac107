import { type Db, type DbOptions, MongoClient, type MongoClientOptions, ReadConcern } from 'mongodb'
import { SagaError } from '../../runtime/errors.ts'
import type { Log } from '../../runtime/telemetry/log.ts'
import { sleep, systemClock } from '../../runtime/time/clock.ts'
import { reached } from './errors.ts'
import { onLostHeartbeat } from './heartbeat.ts'
import { unsupported } from './wire-version.ts'

/**
 * A MongoDB deployment. It is connected at the first call, and again by itself whenever the connection is
 * lost.
 */
export type Mongo = {
  db(name: string): Db
  /** Resolves when a server that takes writes answers. @throws SagaError `store-unavailable` */
  ping(): Promise<void>
  close(): Promise<void>
}

// A call fails after 5 s without a server and 10 s without an answer, so that its caller can look again
// elsewhere.
const defaults = {
  serverSelectionTimeoutMS: 5_000,
  connectTimeoutMS: 5_000,
  socketTimeoutMS: 10_000,
  waitQueueTimeoutMS: 10_000,
  // No limit: calls that share round trips use few, and a connection that the driver loses may not use up the
  // pool.
  maxPoolSize: 0,
}

// Our promises rest on these. They are said per database, because there the connection string cannot weaken
// them.
const promised: DbOptions = {
  writeConcern: { w: 'majority', journal: true },
  readConcern: new ReadConcern('majority'),
  readPreference: 'primary',
}

/**
 * A client whose writes are journaled by a majority and whose reads are what a majority holds. Time-outs in
 * the URL win over ours.
 * @throws SagaError `config-invalid` when the URL cannot be understood; no error quotes it, because it holds
 * a password
 */
export const connectMongo = ({ url, log }: { url: string; log: Log }): Mongo => {
  const client = clientOf(url)
  client.on('serverHeartbeatFailed', ({ connectionId: host, failure }) => {
    const version = unsupported(failure)
    if (version === undefined) log.warn('mongodb is unreachable', { host })
    else log.error('mongodb is of a version that cannot be used', { host, error: version })
  })
  const renewal = renewing(client)
  // A driver whose first connection fails closes what it tried with, and would say `Topology is closed` to
  // every later call.
  client.on('topologyClosed', renewal.begin)
  onLostHeartbeat(client, host => {
    log.warn('the driver has stopped looking at mongodb; connecting anew', { host })
    renewal.begin()
  })
  return {
    db: name => client.db(name, promised),
    ping: async () => {
      await reached(client.db('admin').command({ ping: 1 }))
    },
    close: renewal.close,
  }
}

const againMs = 1_000

/**
 * Closes a client and connects it again until that succeeds; what was begun with it fails, and all handles
 * stay good.
 */
const renewing = (client: MongoClient) => {
  let closed = false
  let under: Promise<void> | undefined
  const connected = () =>
    client.connect().then(
      () => true,
      () => false,
    )
  const renew = async () => {
    await client.close().catch(() => {})
    while (!closed && !(await connected())) await sleep(systemClock, againMs)
    under = undefined
  }
  return {
    begin: () => {
      if (!closed) under ??= renew()
    },
    close: async () => {
      closed = true
      // Also ends an attempt to connect that is under way, and again what it may have come to.
      await client.close()
      await under
      await client.close()
    },
  }
}

const clientOf = (url: string): MongoClient => {
  try {
    return new MongoClient(url, { ...missingIn(url), appName: 'choreo', ignoreUndefined: true })
  } catch (error) {
    const reason = error instanceof Error ? error.name : 'unreadable'
    throw new SagaError('config-invalid', `MONGODB_URL is not a MongoDB connection string (${reason})`, {
      retry: 'never',
    })
  }
}

const missingIn = (url: string): MongoClientOptions =>
  Object.fromEntries(
    Object.entries(defaults).filter(([name]) => !url.toLowerCase().includes(`${name.toLowerCase()}=`)),
  )
