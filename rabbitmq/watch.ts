import { knownVariables } from '../services/configurations.ts'
import { amqpBroker } from '../shared/messaging/amqp/broker.ts'
import { keepConnection } from '../shared/messaging/amqp/connection.ts'
import { amqpJournalSpan } from '../shared/messaging/amqp/journal-span.ts'
import { amqpWalkThrough } from '../shared/messaging/amqp/walk.ts'
import { adminOf, managementApi, vhostOf } from '../shared/messaging/management.ts'
import { type Gauges, textGauges } from '../shared/operations/gauges.ts'
import { type Recovery, recovery } from '../shared/operations/recovery.ts'
import type { Declared } from '../shared/operations/topology.ts'
import { type TopologyWatch, topologyWatch } from '../shared/operations/topology-watch.ts'
import { systemClock } from '../shared/runtime/clock.ts'
import { type Env, loadConfig } from '../shared/runtime/config.ts'
import type { StopStep } from '../shared/runtime/drain.ts'
import { jsonLog, type Log } from '../shared/runtime/log.ts'
import { processText, textType } from '../shared/runtime/metrics.ts'
import { periodically } from '../shared/runtime/periodic.ts'
import { privatePort } from '../shared/runtime/private-port.ts'
import { asProgram } from '../shared/runtime/program.ts'
import { systemRandom } from '../shared/runtime/random.ts'
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
  const declared = declaredFor({ vhost: vhostOf(config.AMQP_URL), userPrefix })
  const stopped = new AbortController()
  const watch = topologyWatch({
    api: managementApi(adminOf(config.RABBITMQ_MANAGEMENT_URL, config.AMQP_URL), apiPatienceMs),
    services: participants.map(({ service }) => service),
    deadLetterAlarm: config.CHOREO_DEAD_LETTER_ALARM,
    recovery: recoveryOn(config.AMQP_URL, { declared, gauges, log, signal: stopped.signal }),
    ...{ declared, clock: systemClock, gauges, log },
  })
  const door = privateDoor(config, log, watch, gauges)
  const { port } = await door.listen()
  log.info('the private port listens', { port })
  const pauseMs = () => Math.min(config.CHOREO_TOPOLOGY_WATCH, watch.sees ? Number.POSITIVE_INFINITY : soonMs)
  const rounds = periodically({ clock: systemClock, log }, 'topology', pauseMs, watch.look)
  const connection = atReturn(config, log, rounds.soon)
  return [
    { name: 'stop sending again', run: async () => stopped.abort() },
    { name: 'stop looking', run: () => rounds.stop() },
    { name: 'close the connection', run: () => connection.close() },
    { name: 'close the private port', run: () => door.close() },
  ]
}

const privateDoor = (
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

/** What was missed is sent again as the user of an AMQP URL, who may read and write everything in its vhost. */
const recoveryOn = (
  url: string,
  options: { declared: Declared; gauges: Gauges; log: Log; signal: AbortSignal },
): Recovery => {
  const world = { url, clock: systemClock, log: options.log }
  const broker = amqpBroker({ ...world, name: 'topology-watch', random: systemRandom })
  return recovery({
    ...{ ...options, declared: options.declared.definitions, clock: systemClock },
    publisher: () => broker.publisher(),
    walkThrough: amqpWalkThrough(world),
    readSpan: amqpJournalSpan(world),
  })
}

/**
 * A broker that comes back may have lost its disk, and with it the user of this connection: from its loss on it is looked for, and looked at
 * as soon as it answers.
 */
const atReturn = (config: TopologyWatchConfig, log: Log, look: () => void) =>
  keepConnection(
    { url: config.AMQP_URL, name: 'topology-watch', clock: systemClock, random: systemRandom, log },
    () => {
      look()
      return { down: look }
    },
  )

await asProgram(import.meta.url, 'topology-watch', startTopologyWatch)
