import { amqpJournal } from '../../shared/messaging/amqp/journal.ts'
import { databaseOf } from '../../shared/persistence/document.ts'
import { connectMongo, type Mongo } from '../../shared/persistence/mongo/connection.ts'
import { systemClock } from '../../shared/runtime/clock.ts'
import { type Env, loadConfig } from '../../shared/runtime/config.ts'
import type { StopStep } from '../../shared/runtime/drain.ts'
import { jsonLog } from '../../shared/runtime/log.ts'
import { type Metrics, openMetrics, textType } from '../../shared/runtime/metrics.ts'
import { privatePort } from '../../shared/runtime/private-port.ts'
import { asProgram } from '../../shared/runtime/program.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { knownVariables } from '../configurations.ts'
import { configuration, type TrackingConfig } from './configuration.ts'
import type { TrackedOrder } from './domain.ts'
import { trackingFigures } from './figures.ts'
import { openGenerations } from './generations.ts'
import { listedBy } from './list.ts'
import { news } from './news.ts'
import { lagNow, type Serving, trackingRoutes } from './routes.ts'
import { mongoReadModels } from './store/mongo-read-model.ts'

/** Starts an instance of tracking; resolves with what stopping it takes. It waits for the broker and the store by itself. */
export const start = async (env?: Env): Promise<readonly StopStep[]> => {
  const { config, warnings } = loadConfig(configuration, env, knownVariables)
  const [clock, random, log] = [systemClock, systemRandom, jsonLog('tracking', config.CHOREO_LOG_LEVEL)]
  for (const warning of warnings) log.warn(warning)
  const mongo = connectMongo({ url: config.MONGODB_URL, log })
  const models = mongoReadModels<TrackedOrder>(mongo.db(databaseOf('tracking')), listedBy)
  const journal = amqpJournal({
    url: config.AMQP_URL,
    name: 'tracking reads saga.journal',
    clock,
    random,
    log,
  })
  const metrics = openMetrics('tracking')
  const heard = news(clock)
  const onUnreadable = trackingFigures(metrics, () => lagNow(serving).lagSeconds)
  const generations = openGenerations({
    ...{ models, journal, clock, random, log, onApplied: heard.tell, onUnreadable },
  })
  const closing = new AbortController()
  const startedAt = clock.now()
  const serving: Serving = { generations, news: heard, clock, log, startedAt, closing: closing.signal }
  const door = privateDoor(config, serving, metrics, mongo)
  const { port } = await door.listen()
  log.info('the private port listens', { port })
  return [
    { name: 'end the streams', run: () => closing.abort() },
    { name: 'stop following', run: () => generations.stop() },
    { name: 'close the private port', run: () => door.close() },
    { name: 'close the store', run: () => mongo.close() },
  ]
}

const privateDoor = (config: TrackingConfig, serving: Serving, metrics: Metrics, mongo: Mongo) => {
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
