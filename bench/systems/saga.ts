import { join } from 'node:path'
import { amqpUrlFor } from '../../local/connections.ts'
import { freePort } from '../../local/ports.ts'
import { readFacts } from '../../local/remembered.ts'
import { allServiceNames, serviceNames } from '../../local/service-environment.ts'
import { type System, startSystem } from '../../local/system.ts'
import { deadLettersOf, exchanges } from '../../shared/messaging/names.ts'
import { privateEnvironment, privateFolder } from './private.ts'
import { type HttpSystem, placesOf, providersIn, storeOf } from './system.ts'

/** The private ports of the services are kept beside the run list, which has the public door alone of the order service. */
const figuresOf = (folder: string): Record<string, string> => {
  const ports = readFacts<Record<string, number>>(join(folder, 'ports.json')) ?? {}
  return Object.fromEntries(
    allServiceNames.flatMap(name =>
      ports[name] === undefined ? [] : [[name, `http://127.0.0.1:${ports[name]}/metrics`]],
    ),
  )
}

const seenFromOutside = (system: System): Omit<HttpSystem, 'stop'> => {
  const { folder, run, connections, secrets, url } = system
  const amqpUrl = amqpUrlFor(connections.broker, 'operator', secrets.operator ?? '')
  const queues = [...serviceNames.map(deadLettersOf), exchanges.unrouted]
  return {
    ...{ contender: 'saga', url, folder, connections, run, store: storeOf(folder) },
    places: placesOf({ folder, run, connections, figures: figuresOf(folder) }),
    books: { url, ...providersIn(run()), letters: { amqpUrl, queues } },
  }
}

/**
 * This project as `npm start` runs it, private, with so many units of each SKU.
 * @throws SagaError as `startSystem`
 */
export const startSaga = async (options: {
  stockUnits: number
  say: (line: string) => void
  signal: AbortSignal
}): Promise<HttpSystem> => {
  const { folder, remove } = privateFolder('saga')
  try {
    const env = privateEnvironment({ CHOREO_STOCK_UNITS: String(options.stockUnits) })
    const { say, signal } = options
    const system = await startSystem({ folder, httpPort: await freePort(), say, env, signal })
    return { ...seenFromOutside(system), stop: () => system.stop().finally(remove) }
  } catch (error) {
    remove()
    throw error
  }
}
