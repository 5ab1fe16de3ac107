import { amqpJournal } from '../../shared/messaging/amqp/journal.ts'
import { type Env, loadConfig } from '../../shared/runtime/configuration/config.ts'
import { withVhost } from '../../shared/runtime/configuration/server-urls.ts'
import { privatePort } from '../../shared/runtime/http/private-port.ts'
import type { StopStep } from '../../shared/runtime/lifecycle/drain.ts'
import { asProgram } from '../../shared/runtime/lifecycle/program.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { jsonLog } from '../../shared/runtime/telemetry/log.ts'
import { type Metrics, openMetrics, textType } from '../../shared/runtime/telemetry/metrics.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { connectMongo, type Mongo } from '../../shared/storage/mongo/connection.ts'
import { knownVariables } from '../configurations.ts'
import { shop } from '../contract/shop.ts'
import { listedBy } from './api/list.ts'
import { orderWatchers } from './api/order-watchers.ts'
import { lagNow, type TrackingRouteOptions, trackingRoutes } from './api/routes.ts'
import { configuration, type TrackingConfig } from './configuration.ts'
import type { TrackedOrder } from './domain.ts'
import { registerTrackingMetrics } from './metrics.ts'
import { openGenerations } from './store/generations.ts'
import { mongoReadModels } from './store/mongo-read-model.ts'
import { keepSearchable } from './store/searchable.ts'

/**
 * Starts an instance of tracking; resolves with what stopping it takes. It waits for the broker and the store
 * by itself.
 */
export const start = async (env?: Env): Promise<readonly StopStep[]> => {
  const { config, warnings } = loadConfig(configuration, env, knownVariables)
  const [clock, random, log] = [systemClock, systemRandom, jsonLog('tracking', config.CHOREO_LOG_LEVEL)]
  for (const warning of warnings) log.warn(warning)
  const mongo = connectMongo({ url: config.MONGODB_URL, log })
  const models = mongoReadModels<TrackedOrder>(mongo.db(shop.names.databaseOf('tracking')), listedBy)
  const journal = amqpJournal({
    stream: shop.names.journal,
    url: withVhost(config.AMQP_URL, shop.names.vhost),
    name: 'tracking reads saga.journal',
    clock,
    random,
    log,
  })
  const metrics = openMetrics('tracking')
  const heard = orderWatchers(clock)
  const onUnreadable = registerTrackingMetrics(metrics, () => lagNow(serving).lagSeconds)
  const generations = openGenerations({
    ...{ models, journal, clock, random, log, onApplied: heard.notify, onUnreadable },
  })
  const searchable = keepSearchable(generations, { clock, log })
  const closing = new AbortController()
  const startedAt = clock.now()
  const serving: TrackingRouteOptions = {
    generations,
    news: heard,
    clock,
    log,
    startedAt,
    closing: closing.signal,
  }
  const server = privateServer(config, serving, metrics, mongo)
  const { port } = await server.listen()
  log.info('the private port listens', { port })
  return [
    { name: 'end the streams', run: () => closing.abort() },
    { name: 'stop following', run: () => Promise.all([searchable.stop(), generations.stop()]) },
    { name: 'close the private port', run: () => server.close() },
    { name: 'close the store', run: () => mongo.close() },
  ]
}

const privateServer = (
  config: TrackingConfig,
  serving: TrackingRouteOptions,
  metrics: Metrics,
  mongo: Mongo,
) => {
  const { clock, log, generations } = serving
  return privatePort({
    ...{ port: config.CHOREO_HEALTH_PORT, host: config.CHOREO_HEALTH_HOST, clock, log },
    details: () => lagNow(serving),
    checks: [
      { name: 'journal', ok: generations.ready, forMessages: true },
      { name: 'read model', ok: () => generations.serving() !== undefined },
      { name: 'store', ok: () => mongo.ping().then(() => true) },
    ],
    routes: {
      ...trackingRoutes(serving),
      '/metrics': async () => ({ status: 200, body: await metrics.text(), type: textType }),
    },
  })
}

await asProgram(import.meta.url, 'tracking', start)
