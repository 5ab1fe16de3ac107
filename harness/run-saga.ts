import { z } from 'zod'
import { openHost, runEngine } from '../shared/hosting/host.ts'
import { applyDefinitions } from '../shared/messaging/topology/apply.ts'
import { renderDefinitions } from '../shared/messaging/topology/definitions.ts'
import { type BrokerAdmin, managementApi } from '../shared/messaging/topology/management.ts'
import { topologyOf } from '../shared/messaging/topology/topology.ts'
import { loadConfig } from '../shared/runtime/configuration/config.ts'
import { amqpUrlWith } from '../shared/runtime/configuration/server-urls.ts'
import type { StopStep } from '../shared/runtime/lifecycle/drain.ts'
import { systemRandom } from '../shared/runtime/random.ts'
import { sleep, systemClock } from '../shared/runtime/time/clock.ts'
import { healthPort, reacting } from '../shared/runtime/variables.ts'
import type { SagaContext } from '../shared/saga/context.ts'
import type { Service } from '../shared/saga/define/service.ts'
import { participantsOf } from '../shared/saga/participants.ts'

/** Servers that whoever runs a saga administrates. */
export type Servers = {
  /** `amqpUrl` names no vhost. */
  readonly broker: BrokerAdmin & { readonly amqpUrl: string }
  readonly mongodbUrl: string
  readonly redisUrl: string
}

/** The services of one saga at work. */
export type RunningSaga = {
  readonly services: readonly string[]
  /** @throws RangeError when the saga has no such service */
  contextOf(service: string): SagaContext
  /** Resolves with true as soon as the condition holds, with false when it does not within `ms`. */
  until(condition: () => Promise<boolean>, ms: number): Promise<boolean>
}

/** A broker that has just come up is slow to declare its first queues. */
const firstBootMs = 60_000
const lookEveryMs = 50

/**
 * Declares what the saga of these services needs on the broker, each service with a user of its own, and runs
 * them in this process. `stop` drains them; it resolves when their connections are closed.
 * @throws SagaError `broker-unavailable`, `broker-refused`
 */
export const runSaga = async (
  services: readonly Service[],
  servers: Servers,
): Promise<RunningSaga & { stop(): Promise<void> }> => {
  const passwords = Object.fromEntries(services.map(({ name }) => [name, systemRandom.id()]))
  await declare(services, servers.broker, passwords)
  const running = await Promise.all(
    services.map(service => run(service, servers, passwords[service.name] ?? '')),
  )
  return {
    ...runningSaga(running.map(({ engine }) => engine.context)),
    until,
    stop: async () => {
      await Promise.all(running.map(({ stopSteps }) => inTurn(stopSteps)))
    },
  }
}

/** What can be seen of a saga whose services have these kernels. */
export const runningSaga = (kernels: readonly SagaContext[]): Omit<RunningSaga, 'until'> => {
  const byName = new Map(kernels.map(context => [context.service.name, context]))
  return {
    services: [...byName.keys()],
    contextOf: name => {
      const context = byName.get(name)
      if (!context) throw new RangeError(`the saga has no service ${name}`)
      return context
    },
  }
}

const until: RunningSaga['until'] = async (condition, ms) => {
  const end = systemClock.now() + ms
  for (;;) {
    if (await condition()) return true
    if (systemClock.now() > end) return false
    await sleep(systemClock, lookEveryMs)
  }
}

/** Users belong to the whole broker, so that those of a saga bear its name. */
const prefixOf = ({ saga }: Service) => `${saga.name}.`

const declare = async (
  services: readonly Service[],
  broker: BrokerAdmin,
  passwords: Readonly<Record<string, string>>,
): Promise<void> => {
  const [first] = services
  if (!first) throw new RangeError('a saga has at least one service')
  const topology = topologyOf(first.saga.names, { participants: participantsOf(services) })
  const secrets = { passwords, random: systemRandom }
  const definitions = renderDefinitions(topology, { userPrefix: prefixOf(first), secrets })
  await applyDefinitions(managementApi(broker, firstBootMs), definitions)
}

const run = (service: Service, { broker, mongodbUrl, redisUrl }: Servers, password: string) => {
  const as = { user: `${prefixOf(service)}${service.name}`, password }
  const amqpUrl = amqpUrlWith(broker.amqpUrl, { vhost: service.saga.names.vhost, as })
  const urls = { AMQP_URL: amqpUrl, MONGODB_URL: mongodbUrl, REDIS_URL: redisUrl }
  const schema = z.object({ ...reacting, ...healthPort(0) })
  return runEngine(
    openHost(service.saga, service.name, loadConfig(schema, { ...urls, CHOREO_LOG_LEVEL: 'error' })),
    service,
  )
}

const inTurn = async (steps: readonly StopStep[]): Promise<void> => {
  for (const step of steps) await step.run()
}
