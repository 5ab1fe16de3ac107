import type { Db } from 'mongodb'
import { amqpBroker } from '../messaging/amqp/broker.ts'
import type { Broker } from '../messaging/broker.ts'
import { waits } from '../messaging/names.ts'
import { databaseOf } from '../persistence/document.ts'
import { connectMongo, type Mongo } from '../persistence/mongo/connection.ts'
import { ensureOrderIndexes, mongoStore } from '../persistence/mongo/store.ts'
import { type RedisDoneCache, redisDoneCache } from '../persistence/redis.ts'
import type { Store } from '../persistence/store.ts'
import { type Clock, sleep, systemClock } from '../runtime/clock.ts'
import type { StopStep } from '../runtime/drain.ts'
import { codeOf } from '../runtime/errors.ts'
import { jsonLog, type Log } from '../runtime/log.ts'
import { type Metrics, openMetrics, textType } from '../runtime/metrics.ts'
import { type PrivateRoutes, privatePort } from '../runtime/private-port.ts'
import { backoff, type Random, systemRandom } from '../runtime/random.ts'
import type { ReactingConfig } from '../runtime/variables.ts'
import { type Engine, startEngine } from '../saga/engine.ts'
import { erasureRoutes } from '../saga/erase.ts'
import type { Service } from '../saga/service.ts'
import { observedBroker } from './metrics/messaging.ts'
import { observedStore, sagaObserver } from './metrics/saga.ts'
import { observeCircuits, observeState } from './metrics/state.ts'

/** The real world of one instance of one service. */
export type Host = {
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

/** Opens the connections of a service; each comes and comes back by itself. Logs what the configuration warns of. */
export const openHost = (
  name: string,
  { config, warnings }: { config: ReactingConfig; warnings: readonly string[] },
): Host => {
  const clock = systemClock
  const random = systemRandom
  const log = jsonLog(name, config.CHOREO_LOG_LEVEL)
  for (const warning of warnings) log.warn(warning)
  const metrics = openMetrics(name)
  const mongo = connectMongo({ url: config.MONGODB_URL, log })
  const done = redisDoneCache({ url: config.REDIS_URL, service: name, clock, log })
  observeCircuits(metrics, done.open)
  return {
    ...{ name, config, clock, random, log, mongo, metrics },
    broker: observedBroker(amqpBroker({ url: config.AMQP_URL, name, clock, random, log }), metrics, clock),
    db: mongo.db(databaseOf(name)),
    done,
  }
}

/** A service that runs, and what stopping it takes, in order. */
export type Running<S> = { readonly engine: Engine<S>; readonly stopSteps: readonly StopStep[] }

/**
 * Runs a service on its host: indexes, engine, private port. `seeded` is done before the first message is taken; `watching` gives the store
 * with which the service sees its own writes.
 * Throws SagaError `port-taken` when the private port is not free.
 */
export const runOn = async <S>(
  host: Host,
  service: Service<S>,
  extra: {
    seeded?: () => Promise<void>
    watching?: (store: Store<S>) => Store<S>
    routes?: PrivateRoutes
    hangUp?: () => void
  } = {},
): Promise<Running<S>> => {
  const orders = host.db.collection('orders')
  await untilDone(host, 'indexes', () => ensureOrderIndexes(orders))
  await untilDone(host, 'seed', extra.seeded ?? (async () => {}))
  const { clock, random, log, broker, done, config, metrics } = host
  const store = observedStore(mongoStore<S>(orders), metrics)
  const engine = startEngine<S>({
    ...{ service, clock, random, log, broker, done },
    store: extra.watching?.(store) ?? store,
    observer: sagaObserver(metrics),
    prefetch: config.CHOREO_PREFETCH,
    ladder: { delays: waits, maxAttempts: config.CHOREO_MAX_ATTEMPTS },
    ...(extra.hangUp && { hangUp: extra.hangUp }),
  })
  observeState(metrics, engine.state)
  const door = await openPrivatePort(host, engine, { ...erasureRoutes(engine.kernel), ...extra.routes })
  const close: StopStep[] = [
    { name: 'close the private port', run: () => door.close() },
    { name: 'close the done cache', run: () => host.done.close() },
    { name: 'close the store', run: () => host.mongo.close() },
  ]
  return { engine, stopSteps: [...engine.stopSteps, ...close] }
}

const openPrivatePort = async <S>(host: Host, engine: Engine<S>, routes: PrivateRoutes) => {
  const { clock, log, config, metrics } = host
  const figures = async () => ({ status: 200, body: await metrics.text(), type: textType })
  const storeHolds = async () => engine.kernel.store.tryWrite().then(() => true)
  const checks = [
    { name: 'broker', ok: () => engine.ready(), forMessages: true },
    { name: 'store', ok: storeHolds },
  ]
  const where = { port: config.CHOREO_HEALTH_PORT, host: config.CHOREO_HEALTH_HOST }
  const door = privatePort({ ...where, checks, routes: { '/metrics': figures, ...routes }, clock, log })
  const { port } = await door.listen()
  log.info('the private port listens', { port })
  return door
}

/** Tries again, further apart each time, until it works: a server may come up after its services. */
const untilDone = async (host: Host, task: string, work: () => Promise<void>): Promise<void> => {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      host.log.warn('the start waits', { task, code: codeOf(error) })
      await sleep(host.clock, backoff(host.random, attempt, { base: 250, cap: 5_000 }))
    }
  }
}
