import { knownVariables } from '../services/configurations.ts'
import { shop } from '../services/contract/shop.ts'
import { amqpBroker } from '../shared/messaging/amqp/broker.ts'
import { keepConnection } from '../shared/messaging/amqp/connection.ts'
import { amqpJournalSpan } from '../shared/messaging/amqp/journal-range.ts'
import { amqpBrowseQueue } from '../shared/messaging/amqp/queue-browser.ts'
import { amqpCounts } from '../shared/messaging/amqp/queue-counts.ts'
import { adminOf, managementApi } from '../shared/messaging/topology/management.ts'
import { type Recovery, recovery } from '../shared/operations/recovery/recovery.ts'
import { type Gauges, textGauges } from '../shared/operations/topology/gauges.ts'
import type { DeclaredTopology } from '../shared/operations/topology/topology.ts'
import { type TopologyWatch, topologyWatch } from '../shared/operations/topology/watch.ts'
import { type Env, loadConfig } from '../shared/runtime/configuration/config.ts'
import { vhostOf, withVhost } from '../shared/runtime/configuration/server-urls.ts'
import { privatePort } from '../shared/runtime/http/private-port.ts'
import type { StopStep } from '../shared/runtime/lifecycle/drain.ts'
import { asProgram } from '../shared/runtime/lifecycle/program.ts'
import { systemRandom } from '../shared/runtime/random.ts'
import { jsonLog, type Log } from '../shared/runtime/telemetry/log.ts'
import { processText, textType } from '../shared/runtime/telemetry/metrics.ts'
import { systemClock } from '../shared/runtime/time/clock.ts'
import { periodically } from '../shared/runtime/time/periodic.ts'
import { type TopologyWatchConfig, topologyWatchConfig } from './configuration.ts'
import { declaredFor } from './declared.ts'
import { participants } from './participants.ts'

/** A broker that does not answer in this time is asked again in the next round. */
const apiPatienceMs = 10_000
/** A broker that could not be looked at is about to come back, or to be missed. */
const soonMs = 2_000

/** Starts the topology watch; resolves with what stopping it takes. */
export const startTopologyWatch = async (env?: Env): Promise<readonly StopStep[]> => {
  const { config, warnings } = loadConfig(topologyWatchConfig, env, knownVariables)
  const log = jsonLog('topology-watch', config.CHOREO_LOG_LEVEL)
  for (const warning of warnings) log.warn(warning)
  const gauges = textGauges()
  const userPrefix = config.CHOREO_BROKER_USER_PREFIX ?? ''
  const declared = declaredFor({ vhost: vhostOf(config.AMQP_URL, shop.names.vhost), userPrefix })
  const stopped = new AbortController()
  const watch = topologyWatch({
    names: shop.names,
    api: managementApi(adminOf(config.RABBITMQ_MANAGEMENT_URL, config.AMQP_URL), apiPatienceMs),
    counts: amqpCounts({ url: withVhost(config.AMQP_URL, shop.names.vhost), clock: systemClock, log }),
    services: participants.map(({ service }) => service),
    deadLetterAlarm: config.CHOREO_DEAD_LETTER_ALARM,
    recovery: recoveryOn(withVhost(config.AMQP_URL, shop.names.vhost), {
      declared,
      gauges,
      log,
      signal: stopped.signal,
    }),
    ...{ declared, clock: systemClock, gauges, log },
  })
  const server = privateServer(config, log, watch, gauges)
  const { port } = await server.listen()
  log.info('the private port listens', { port })
  const pauseMs = () => Math.min(config.CHOREO_TOPOLOGY_WATCH, watch.sees ? Number.POSITIVE_INFINITY : soonMs)
  const rounds = periodically({ clock: systemClock, log }, 'topology', pauseMs, watch.look)
  const connection = atReturn(config, log, rounds.soon)
  return [
    { name: 'stop sending again', run: async () => stopped.abort() },
    { name: 'stop looking', run: () => rounds.stop() },
    { name: 'close the connection', run: () => connection.close() },
    { name: 'close the private port', run: () => server.close() },
  ]
}

const privateServer = (
  config: TopologyWatchConfig,
  log: Log,
  watch: TopologyWatch,
  gauges: { text(): string },
) => {
  const metrics = async () => ({
    status: 200,
    body: `${gauges.text()}${await processText()}`,
    type: textType,
  })
  return privatePort({
    ...{ port: config.CHOREO_HEALTH_PORT, host: config.CHOREO_HEALTH_HOST, clock: systemClock, log },
    checks: [{ name: 'broker', ok: () => watch.sees, forMessages: true }],
    routes: { '/metrics': metrics },
  })
}

/**
 * What was missed is sent again as the user of an AMQP URL, who may read and write everything in its vhost.
 */
const recoveryOn = (
  url: string,
  options: { declared: DeclaredTopology; gauges: Gauges; log: Log; signal: AbortSignal },
): Recovery => {
  const world = { url, clock: systemClock, log: options.log }
  const broker = amqpBroker({ ...world, name: 'topology-watch', random: systemRandom })
  return recovery({
    ...{ ...options, saga: shop, declared: options.declared.definitions, clock: systemClock },
    publisher: () => broker.publisher(),
    browseQueue: amqpBrowseQueue(world),
    readSpan: amqpJournalSpan({ ...world, stream: shop.names.journal }),
  })
}

/**
 * A broker that comes back may have lost its disk, and with it the user of this connection: from its loss on
 * it is looked for, and looked at as soon as it answers.
 */
const atReturn = (config: TopologyWatchConfig, log: Log, look: () => void) =>
  keepConnection(
    {
      ...{ url: withVhost(config.AMQP_URL, shop.names.vhost), name: 'topology-watch' },
      ...{ clock: systemClock, random: systemRandom, log },
    },
    () => {
      look()
      return { down: look }
    },
  )

await asProgram(import.meta.url, 'topology-watch', startTopologyWatch)
