import type { z } from 'zod'
import { topologyWatchConfig } from '../rabbitmq/configuration.ts'
import { variablesOf } from '../shared/runtime/configuration/config.ts'
import { loadEach } from './load-each.ts'
import { type ServiceName, serviceNames } from './registry.ts'

type Configuration = z.ZodObject

const loaded = await loadEach<ServiceName, { configuration: Configuration }>(serviceNames, 'configuration')

/** What the programs read, by program: every service, and the topology watch. */
export const configurations = Object.fromEntries([
  ...loaded.map(([name, { configuration }]) => [name, configuration]),
  ['topology-watch', topologyWatchConfig],
]) as Readonly<Record<ServiceName | 'topology-watch', Configuration>>

/** Every variable that one of the programs reads: each may be set for all of them. */
export const knownVariables: ReadonlySet<string> = new Set(Object.values(configurations).flatMap(variablesOf))
