import { amqpUrlFor } from '../../local/bring-up/connections.ts'
import { freePort } from '../../local/bring-up/ports.ts'
import { type System, startSystem } from '../../local/system/system.ts'
import { shop } from '../../services/contract/shop.ts'
import { reactingNames, serviceNames } from '../../services/registry.ts'
import { deadLettersOf } from '../../shared/messaging/topology/names.ts'
import { readRunList } from '../../system/run-list.ts'
import { privateEnvironment, privateFolder } from './private.ts'
import { type SecondInstances, startSecondInstances } from './second-instances.ts'
import { type HttpSystem, placesOf, providersIn, storeOf } from './system.ts'

const figuresOf = (folder: string): [name: string, url: string][] =>
  readRunList(folder).flatMap(({ name, privateUrl }) =>
    privateUrl && (serviceNames as readonly string[]).includes(name) ? [[name, `${privateUrl}/metrics`]] : [],
  )

/** The event loop of each process turns by itself, so that each is looked at. */
const figuresOfAll = (folder: string, second: SecondInstances | undefined) => {
  const more = second ? figuresOf(second.folder) : []
  return Object.fromEntries([
    ...figuresOf(folder),
    ...more.map(([name, url]): [string, string] => [`${name}-2`, url]),
  ])
}

const seenFromOutside = (system: System, second: SecondInstances | undefined): Omit<HttpSystem, 'stop'> => {
  const { folder, run, connections, secrets, url } = system
  const amqpUrl = amqpUrlFor(connections.broker, 'operator', secrets.operator ?? '')
  const queues = [...reactingNames.map(deadLettersOf), shop.names.exchanges.unrouted]
  const all = () => [...run(), ...(second?.run() ?? [])]
  return {
    ...{ contender: 'saga', urls: second ? [url, second.url] : [url] },
    ...{ folder, connections, run, store: storeOf(folder) },
    places: placesOf({ folder, run: all, connections, figures: figuresOfAll(folder, second) }),
    books: { url, ...providersIn(run()), letters: { amqpUrl, queues } },
  }
}

type Options = { stockUnits: number; instances: 1 | 2; say: (line: string) => void; signal: AbortSignal }

const startInstances = async (
  folder: string,
  { stockUnits, instances, say, signal }: Options,
): Promise<HttpSystem> => {
  const env = privateEnvironment({ CHOREO_STOCK_UNITS: String(stockUnits) })
  const system = await startSystem({ folder, httpPort: await freePort(), say, env, signal })
  try {
    const second = instances === 2 ? await startSecondInstances(system, { say, env }) : undefined
    const stop = async () => {
      await second?.stop()
      await system.stop()
    }
    return { ...seenFromOutside(system, second), stop }
  } catch (error) {
    await system.stop()
    throw error
  }
}

/**
 * This project as `npm start` runs it, private, with so many units of each SKU; with two instances each of
 * its services runs twice.
 * @throws SagaError as `startSystem`, `server-failed` when a second instance does not become ready
 */
export const startSaga = async (options: Options): Promise<HttpSystem> => {
  const { folder, remove } = privateFolder('saga')
  try {
    const system = await startInstances(folder, options)
    return { ...system, stop: () => system.stop().finally(remove) }
  } catch (error) {
    remove()
    throw error
  }
}
