import type { Db } from 'mongodb'
import type { Saga } from '../contract/saga.ts'
import { amqpBroker } from '../messaging/amqp/broker.ts'
import type { Broker } from '../messaging/broker.ts'
import { waits } from '../messaging/topology/names.ts'
import { withVhost } from '../runtime/configuration/server-urls.ts'
import { reportOf } from '../runtime/error-report.ts'
import { type PrivateRoutes, privatePort } from '../runtime/http/private-port.ts'
import type { StopStep } from '../runtime/lifecycle/drain.ts'
import { backoff, type Random, systemRandom } from '../runtime/random.ts'
import { logFailure } from '../runtime/telemetry/failure-log.ts'
import { jsonLog, type Log } from '../runtime/telemetry/log.ts'
import { type Metrics, openMetrics, textType } from '../runtime/telemetry/metrics.ts'
import { type Clock, sleep, systemClock } from '../runtime/time/clock.ts'
import type { ReactingConfig } from '../runtime/variables.ts'
import type { Service } from '../saga/define/service.ts'
import type { Store } from '../saga/document/store.ts'
import { type Engine, startEngine } from '../saga/engine.ts'
import { erasureRoutes } from '../saga/process/erase.ts'
import { resolutionRoutes } from '../saga/process/resolve.ts'
import { connectMongo, type Mongo } from '../storage/mongo/connection.ts'
import { ensureDocumentIndexes, mongoStore } from '../storage/mongo/store.ts'
import { type RedisDoneCache, redisDoneCache } from '../storage/redis/done-cache.ts'
import { observedBroker } from './metrics/messaging.ts'
import { observedStore, sagaObserver } from './metrics/saga.ts'
import { observeCircuits, observeState } from './metrics/state.ts'

/** The real world of one instance of one service. */
export type Host = {
  readonly saga: Saga
  readonly name: string
  readonly config: ReactingConfig
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly broker: Broker
  readonly mongo: Mongo
  readonly db: Db
  readonly done: RedisDoneCache
  readonly metrics: Metrics
}

/**
 * Opens the connections of a service of the saga; each comes and comes back by itself. Logs what the
 * configuration warns of.
 */
export const openHost = (
  saga: Saga,
  name: string,
  { config, warnings }: { config: ReactingConfig; warnings: readonly string[] },
): Host => {
  const clock = systemClock
  const random = systemRandom
  const log = jsonLog(name, config.CHOREO_LOG_LEVEL)
  for (const warning of warnings) log.warn(warning)
  const metrics = openMetrics(name)
  const mongo = connectMongo({ url: config.MONGODB_URL, log })
  const url = withVhost(config.AMQP_URL, saga.names.vhost)
  const done = redisDoneCache({ url: config.REDIS_URL, service: name, clock, log })
  observeCircuits(metrics, done.open)
  return {
    ...{ saga, name, config, clock, random, log, mongo, metrics },
    broker: observedBroker(amqpBroker({ url, name, clock, random, log }), metrics, clock),
    db: mongo.db(saga.names.databaseOf(name)),
    done,
  }
}

/** A service that runs, and what stopping it takes, in order. */
export type RunningService<S> = { readonly engine: Engine<S>; readonly stopSteps: readonly StopStep[] }

/**
 * Runs a service on its host: indexes, engine, private port. `seeded` is done before the first message is
 * taken; `watching` gives the store with which the service sees its own writes. Throws SagaError `port-taken`
 * when the private port is not free.
 */
export const runEngine = async <S>(
  host: Host,
  service: Service<S>,
  extra: {
    seeded?: () => Promise<void>
    watching?: (store: Store<S>) => Store<S>
    routes?: PrivateRoutes
    hangUp?: () => void
  } = {},
): Promise<RunningService<S>> => {
  const { saga } = host
  const documents = host.db.collection(saga.names.collection)
  await untilDone(host, 'indexes', () => ensureDocumentIndexes(documents))
  await untilDone(host, 'seed', extra.seeded ?? (async () => {}))
  const { clock, random, log, broker, done, config, metrics } = host
  const store = observedStore(saga, mongoStore<S>(saga, documents), metrics)
  const engine = startEngine<S>({
    ...{ service, clock, random, log, broker, done },
    store: extra.watching?.(store) ?? store,
    observer: sagaObserver(saga, metrics),
    prefetch: config.CHOREO_PREFETCH,
    retryPolicy: { delays: waits, maxAttempts: config.CHOREO_MAX_ATTEMPTS },
    ...(extra.hangUp && { hangUp: extra.hangUp }),
  })
  observeState(metrics, engine.state)
  const server = await openPrivatePort(host, engine, {
    ...erasureRoutes(engine.context),
    ...resolutionRoutes(engine.context),
    ...extra.routes,
  })
  const close: StopStep[] = [
    { name: 'close the private port', run: () => server.close() },
    { name: 'close the done cache', run: () => host.done.close() },
    { name: 'close the store', run: () => host.mongo.close() },
  ]
  return { engine, stopSteps: [...engine.stopSteps, ...close] }
}

const openPrivatePort = async <S>(host: Host, engine: Engine<S>, routes: PrivateRoutes) => {
  const { clock, log, config, metrics } = host
  const figures = async () => ({ status: 200, body: await metrics.text(), type: textType })
  const storeHolds = async () => engine.context.store.tryWrite().then(() => true)
  const checks = [
    { name: 'broker', ok: () => engine.ready(), forMessages: true },
    { name: 'store', ok: storeHolds },
  ]
  const where = { port: config.CHOREO_HEALTH_PORT, host: config.CHOREO_HEALTH_HOST }
  const server = privatePort({ ...where, checks, routes: { '/metrics': figures, ...routes }, clock, log })
  const { port } = await server.listen()
  log.info('the private port listens', { port })
  return server
}

/** Tries again, further apart each time, until it works: a server may come up after its services. */
const untilDone = async (host: Host, task: string, work: () => Promise<void>): Promise<void> => {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      logFailure(host.log, 'the start waits', reportOf(error), { task })
      await sleep(host.clock, backoff(host.random, attempt, { base: 250, cap: 5_000 }))
    }
  }
}
