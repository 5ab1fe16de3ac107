import { join } from 'node:path'
import type { Connections } from '../../local/bring-up/connections.ts'
import { recordedBackend } from '../../local/bring-up/mongo-source.ts'
import { readJson } from '../../system/json-file.ts'
import type { RunEntry } from '../../system/run-list.ts'
import type { Urls } from '../load/spec.ts'
import type { Places } from '../measure/observe.ts'
import type { AuditPlaces } from '../measure/totals.ts'

/** A contender that takes orders over HTTP. */
export type HttpContender = 'saga' | 'naive' | 'limit'

/** A contender that runs privately, as a bench sees it: from outside. */
export type HttpSystem = {
  readonly contender: HttpContender
  /** Its public APIs, more than one when its services run several times. */
  readonly urls: Urls
  readonly folder: string
  /** Which program is the store. */
  readonly store: string
  readonly connections: Connections
  readonly run: () => readonly RunEntry[]
  readonly places: Places
  /** Where its orders, ledgers and stock are; absent when it has none. */
  readonly books?: AuditPlaces
  stop(): Promise<void>
}

/** Whose work is the store's; the others are named as run.json names them. */
export const storeProcess = 'mongodb'

const storeNames = { embedded: 'the embedded MongoDB server of this project', mongod: 'mongod' }

/** Which store wrote a data folder, in words. */
export const storeOf = (folder: string): string => {
  const backend = recordedBackend(folder) ?? 'embedded'
  return backend === 'docker' ? 'MongoDB in a container' : storeNames[backend]
}

const folders = ['mongodb', 'rabbitmq', 'redis', 'payment-provider', 'carrier']

const figuresOfRabbitMq = (folder: string): string | undefined => {
  const port = readJson<{ prometheus: number }>(join(folder, 'rabbitmq', 'ports.json'))?.prometheus
  return port === undefined ? undefined : `http://127.0.0.1:${port}/metrics`
}

type Parts = {
  folder: string
  run: () => readonly RunEntry[]
  connections: Connections
  figures: Readonly<Record<string, string>>
}

/** Process ids by name, of all that run in processes of ours. Pure. */
export const pidsIn = (run: readonly RunEntry[]): Record<string, number[]> => {
  const pids: Record<string, number[]> = {}
  for (const { name, pid } of run) if (pid !== null) pids[name] = [...(pids[name] ?? []), pid]
  return pids
}

/** What of a system on private servers in `folder` is looked at. */
export const placesOf = ({ folder, run, connections, figures }: Parts): Places => {
  const rabbitMqFigures = figuresOfRabbitMq(folder)
  return {
    pids: () => pidsIn(run()),
    folders: Object.fromEntries(folders.map(name => [name, join(folder, name)])),
    ...{ figures, redisUrl: connections.redisUrl, mongodbUrl: connections.mongodbUrl },
    ...(rabbitMqFigures && { rabbitMqFigures }),
  }
}

const urlOf = (run: readonly RunEntry[], name: string) => run.find(entry => entry.name === name)?.url ?? ''

/** Where the providers of a run list answer. */
export const providersIn = (run: readonly RunEntry[]) => ({
  paymentProvider: urlOf(run, 'payment-provider'),
  carrier: urlOf(run, 'carrier'),
})
