import { type Env, environmentOf } from '../shared/runtime/configuration/config.ts'
import type { StopStep } from '../shared/runtime/lifecycle/drain.ts'
import { asProgram } from '../shared/runtime/lifecycle/program.ts'
import { loadEach } from './load-each.ts'
import { type ServiceName, serviceNames } from './registry.ts'

type Program = { start(env?: Env): Promise<readonly StopStep[]> }

/** How each service is started. */
export const starts = async (): Promise<Readonly<Record<ServiceName, Program['start']>>> => {
  const mains = await loadEach<ServiceName, Program>(serviceNames, 'main')
  return Object.fromEntries(mains.map(([name, { start }]) => [name, start])) as never
}

/** All services in one process, each still with its own broker user, database and private port. */
const startAll = async () => {
  const running = Object.entries(await starts()).map(([name, start]) => start(environmentOf(name)))
  return (await Promise.all(running)).flat()
}

await asProgram(import.meta.url, 'all', startAll)
