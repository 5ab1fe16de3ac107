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
    ...{ name, kind: 'provider', port, url: local(port), readyUrl: `${local(port)}/ledger`, variables: {} },
    main: `local/providers/${name}.js`,
    args: ['--port', String(port), '--data', data],
  }
}

const service = (name: ServiceName, ports: SystemPorts, variables: Record<string, string>): NodeProgram => {
  const health = ports.health[name]
  const port = name === 'order' ? ports.http : health
  return {
    ...{ name, kind: 'service', port, url: local(port), readyUrl: `${local(health)}/readyz`, variables },
    main: `services/${name}/main.js`,
    args: [],
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
  await startAll(serviceNames.map(name => service(name, ports, variables(name))))
}
