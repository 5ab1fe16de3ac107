import { shop } from '../services/contract/shop.ts'
import { reactingServices } from '../services/reacting-services.ts'
import { type ManagementCall, managementApi } from '../shared/messaging/topology/management.ts'
import type { Operations } from '../shared/operations/operations.ts'
import type { BrokerView } from '../shared/operations/topology/queue-readings.ts'
import { silentLog } from '../shared/runtime/telemetry/log.ts'
import { systemClock } from '../shared/runtime/time/clock.ts'
import { type AddressOptions, type SystemAddresses, systemAddresses } from './addresses.ts'
import { type ApiClient, apiClientAt } from './api-client.ts'
import type { Terminal } from './terminal.ts'
import { visible, visibleJson } from './visible.ts'

/** The options of every command. */
export type CommonOptions = AddressOptions & { readonly json?: boolean | undefined }

/** What a command works with; connections are opened when they are first used, and closed after it. */
export type Session = {
  readonly terminal: Terminal
  readonly places: SystemAddresses
  /** True when programs read the output: one JSON document, or one a line. */
  readonly json: boolean
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  api(): ApiClient
  /** The management API of the broker, with its answers bounded in time. */
  management(): ManagementCall
  /** The same, with what counts its queues over AMQP. */
  broker(): BrokerView
  operations(options?: { documents?: boolean }): Promise<Operations>
  /**
   * JSON for programs (of what `json` makes of it, when given), else what `text` makes of it, with whatever
   * cannot be seen made visible. Everything that is read goes out this way.
   */
  show<T>(value: T, text: (value: T) => string, json?: (value: T) => unknown): void
  close(): Promise<void>
}

const same = (value: unknown): unknown => value

const managementPatienceMs = 10_000

/** A session with these options. */
export const openSession = (
  options: CommonOptions,
  { terminal, signal, env }: { terminal: Terminal; signal: AbortSignal; env: NodeJS.ProcessEnv },
): Session => {
  const places = systemAddresses(options, env)
  const opened: { close(): Promise<void> }[] = []
  const management = () => managementApi(places.broker().admin, managementPatienceMs)
  return {
    ...{ terminal, places, signal, json: options.json === true },
    api: () => apiClientAt(places.api(), signal),
    management,
    broker: () => ({
      api: management(),
      counts: async queues => {
        const { amqpCounts } = await import('../shared/messaging/amqp/queue-counts.ts')
        const { amqpUrl: url } = places.broker()
        return amqpCounts({ url, clock: systemClock, log: silentLog })(queues)
      },
    }),
    operations: async ({ documents = false } = {}) => {
      // Loaded when it is needed: the clients of the servers take longer to load than most commands to run.
      const { openOperations } = await import('../shared/operations/open.ts')
      const { amqpUrl } = places.broker()
      const mongodb = documents ? { mongodbUrl: places.mongodbUrl() } : {}
      const operations = openOperations({ saga: shop, amqpUrl, services: reactingServices, ...mongodb })
      opened.push(operations)
      return operations
    },
    show: (value, text, json = same) =>
      terminal.say(options.json ? visibleJson(json(value)) : text(visible(value))),
    close: async () => {
      await Promise.all(opened.map(one => one.close()))
    },
  }
}
