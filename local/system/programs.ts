import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type ServiceName, serviceNames } from '../../services/registry.ts'
import type { Connections } from '../bring-up/connections.ts'
import type { Secrets } from '../bring-up/secrets.ts'
import type { Context } from '../supervision/context.ts'
import { keepRunning, type NodeProgram } from '../supervision/processes.ts'
import {
  type ServicePorts,
  type SystemPorts,
  serviceVariables,
  watchVariables,
} from './service-environment.ts'

const local = (port: number): string => `http://127.0.0.1:${port}`

/** The simulator of a provider as a program that keeps its ledger in the data folder. */
export const providerProgram = (context: Context, name: string, port: number): NodeProgram => {
  const data = join(context.folder, name)
  mkdirSync(data, { recursive: true })
  return {
    name,
    listed: [{ name, kind: 'provider', port, url: local(port) }],
    readyUrls: [`${local(port)}/ledger`],
    variables: {},
    main: `local/providers/${name}.js`,
    args: ['--port', String(port), '--data', data],
  }
}

const readyUrlOf = (port: number): string => `${local(port)}/readyz`

/**
 * The order service is listed with its public API, the others with their private ports; each with its
 * private address.
 */
const listed = (name: ServiceName, ports: ServicePorts) => {
  const port = name === 'order' ? ports.http : ports.health[name]
  return {
    ...{ name, kind: 'service' as const, port, url: local(port) },
    privateUrl: local(ports.health[name]),
  }
}

type Variables = (name: ServiceName) => Record<string, string>

/** One instance of each service, each a process of its own. */
export const oneEach = (ports: ServicePorts, variables: Variables): NodeProgram[] =>
  serviceNames.map(name => ({
    ...{ name, listed: [listed(name, ports)], main: `services/${name}/main.js`, args: [] },
    ...{ variables: variables(name), readyUrls: [readyUrlOf(ports.health[name])] },
  }))

/** All services in one process; the variables of each begin with its name. */
const allInOne = (ports: ServicePorts, variables: Variables): NodeProgram => {
  const prefixed = serviceNames.flatMap(name =>
    Object.entries(variables(name)).map(([key, value]) => [`${name.toUpperCase()}__${key}`, value]),
  )
  return {
    ...{ name: 'services', main: 'services/all.js', args: [], variables: Object.fromEntries(prefixed) },
    listed: serviceNames.map(name => listed(name, ports)),
    readyUrls: serviceNames.map(name => readyUrlOf(ports.health[name])),
  }
}

const topologyWatch = (port: number, variables: Record<string, string> | undefined): NodeProgram[] =>
  variables
    ? [
        {
          ...{ name: 'topology-watch', main: 'rabbitmq/watch.js', args: [], variables },
          listed: [
            { name: 'topology-watch', kind: 'service', port, url: local(port), privateUrl: local(port) },
          ],
          readyUrls: [readyUrlOf(port)],
        },
      ]
    : []

/** Starts programs at once and keeps all running; resolves when each is ready. */
export const startAll = async (context: Context, programs: readonly NodeProgram[]): Promise<void> => {
  const starting = programs.map(program => keepRunning(context, program))
  await Promise.allSettled(starting)
  await Promise.all(starting)
}

/** Starts the providers, then the services, and keeps all running; resolves when each is ready. */
export const startPrograms = async (
  context: Context,
  connections: Connections,
  secrets: Secrets,
  ports: SystemPorts,
): Promise<void> => {
  context.say('starting the providers and the services')
  await startAll(context, [
    providerProgram(context, 'payment-provider', ports.paymentProvider),
    providerProgram(context, 'carrier', ports.carrier),
  ])
  const variables = (name: ServiceName) => serviceVariables(name, connections, secrets, ports)
  const watch = topologyWatch(ports.topologyWatch, watchVariables(connections, secrets, ports))
  const inOne = context.env.CHOREO_PROCESS === 'one'
  const services = inOne ? [allInOne(ports, variables)] : oneEach(ports, variables)
  await startAll(context, [...watch, ...services])
}
