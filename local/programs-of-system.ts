import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Connections } from './connections.ts'
import type { Context } from './context.ts'
import { keepRunning, type NodeProgram } from './processes.ts'
import type { Secrets } from './secrets.ts'
import { type ServiceName, type SystemPorts, serviceNames, serviceVariables } from './service-environment.ts'

const local = (port: number): string => `http://127.0.0.1:${port}`

const provider = (context: Context, name: string, port: number): NodeProgram => {
  const data = join(context.folder, name)
  mkdirSync(data, { recursive: true })
  return {
    ...{
      name,
      kind: 'provider',
      port,
      url: local(port),
      readyUrls: [`${local(port)}/ledger`],
      variables: {},
    },
    main: `local/providers/${name}.js`,
    args: ['--port', String(port), '--data', data],
  }
}

const readyUrlOf = (port: number): string => `${local(port)}/readyz`

const service = (name: ServiceName, ports: SystemPorts, variables: Record<string, string>): NodeProgram => {
  const health = ports.health[name]
  const port = name === 'order' ? ports.http : health
  return {
    ...{ name, kind: 'service', port, url: local(port), readyUrls: [readyUrlOf(health)], variables },
    main: `services/${name}/main.js`,
    args: [],
  }
}

/** All services in one process; what each is told bears its name before it. */
const allServices = (
  ports: SystemPorts,
  variablesOf: (name: ServiceName) => Record<string, string>,
): NodeProgram => {
  const prefixed = serviceNames.flatMap(name =>
    Object.entries(variablesOf(name)).map(([key, value]) => [`${name.toUpperCase()}__${key}`, value]),
  )
  return {
    ...{ name: 'services', kind: 'service', port: ports.http, url: local(ports.http), args: [] },
    main: 'services/all.js',
    variables: Object.fromEntries(prefixed),
    readyUrls: serviceNames.map(name => readyUrlOf(ports.health[name])),
  }
}

/** Starts the providers, then the services, and keeps all running; resolves when each is ready. */
export const startPrograms = async (
  context: Context,
  connections: Connections,
  secrets: Secrets,
  ports: SystemPorts,
): Promise<void> => {
  context.say('starting the providers and the services')
  const startAll = async (programs: NodeProgram[]) => {
    const starting = programs.map(program => keepRunning(context, program))
    await Promise.allSettled(starting)
    await Promise.all(starting)
  }
  await startAll([
    provider(context, 'payment-provider', ports.paymentProvider),
    provider(context, 'carrier', ports.carrier),
  ])
  const variables = (name: ServiceName) => serviceVariables(name, connections, secrets, ports)
  const inOne = context.env.CHOREO_PROCESS === 'one'
  await startAll(
    inOne ? [allServices(ports, variables)] : serviceNames.map(name => service(name, ports, variables(name))),
  )
}
