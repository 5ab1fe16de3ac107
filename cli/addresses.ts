import { join, resolve } from 'node:path'
import { shop } from '../services/contract/shop.ts'
import { adminOf, type BrokerAdmin } from '../shared/messaging/topology/management.ts'
import { amqpUrlWith, baseOf, vhostOf, withVhost } from '../shared/runtime/configuration/server-urls.ts'
import { SagaError } from '../shared/runtime/errors.ts'
import { dataFolderOf } from '../system/data-folder.ts'
import { readJson } from '../system/json-file.ts'
import type { RunEntry } from '../system/run-list.ts'
import { findRunning } from '../system/running.ts'
import { wrongUsage } from './failure.ts'
import { namedElsewhere } from './same-system.ts'

/** What a command line and its environment say of where the system is. */
export type AddressOptions = {
  readonly url?: string | undefined
  readonly key?: string | undefined
  readonly data?: string | undefined
}

/** The public API, and the key that is presented there. */
export type ApiAddress = { readonly url: string; readonly key: string | undefined }

/** The broker as an operator reaches it. */
export type BrokerAddress = {
  readonly amqpUrl: string
  readonly vhost: string
  readonly admin: BrokerAdmin
  readonly userPrefix: string
}

/**
 * Where the parts of a system are. Each is looked up when it is asked for, so that a command needs no more
 * than it uses.
 */
export type SystemAddresses = {
  /** Where a system on this machine has its data and logs. */
  readonly dataFolder: string
  /** @throws SagaError `system-not-found` */
  api(): ApiAddress
  /** @throws SagaError `system-not-found`, `config-invalid` */
  broker(): BrokerAddress
  /** @throws SagaError `system-not-found` */
  mongodbUrl(): string
  /** The private ports that are known, by service. */
  privatePorts(): Readonly<Record<string, string>>
}

/**
 * The places that the options name, else the environment, else what runs from the data folder of this
 * machine; nothing of that when they name another system.
 */
export const systemAddresses = (where: AddressOptions, env: NodeJS.ProcessEnv): SystemAddresses => {
  const folder = where.data ? resolve(where.data) : dataFolderOf(env)
  const key = where.key ?? (env.CHOREO_KEY || undefined)
  const named = { api: where.url || env.CHOREO_URL, amqp: env.AMQP_URL, mongodb: env.MONGODB_URL }
  const running = (): readonly RunEntry[] => findRunning(folder)?.run ?? []
  const entry = (name: string): RunEntry => {
    const elsewhere = namedElsewhere(named, running())
    const found = running().find(one => one.name === name)
    if (found && !elsewhere) return found
    throw new SagaError(
      'system-not-found',
      elsewhere && found ? mixed(name, elsewhere) : `no ${name} runs from ${folder}`,
    )
  }
  return {
    dataFolder: folder,
    api: () => ({ url: named.api ? urlOf(named.api, '--url or CHOREO_URL') : entry('order').url, key }),
    broker: () => (named.amqp ? givenBroker(named.amqp, env) : localBroker(folder, entry('rabbitmq'))),
    mongodbUrl: () => named.mongodb || entry('mongodb').url,
    privatePorts: () => (namedElsewhere(named, running()) ? {} : privatePortsIn(running())),
  }
}

const privatePortsIn = (run: readonly RunEntry[]): Record<string, string> =>
  Object.fromEntries(run.flatMap(({ name, privateUrl }) => (privateUrl ? [[name, privateUrl]] : [])))

const mixed = (name: string, elsewhere: string): string =>
  `${elsewhere} is of another system than the one on this machine, and no ${name} of it is named`

/** A URL of HTTP without the slash at its end. @throws Failure `usage-invalid` */
export const urlOf = (url: string, named: string): string => {
  if (!URL.canParse(url) || !/^https?:/i.test(url))
    throw wrongUsage(`${named} is no URL that begins with http:// or https://.`, 'Write http://HOST:PORT.')
  const parsed = new URL(url)
  if (parsed.username || parsed.password || parsed.search || parsed.hash)
    throw wrongUsage(
      `${named} has more than host, port and path.`,
      'Write http://HOST:PORT, and the key as --key or CHOREO_KEY.',
    )
  return baseOf(parsed)
}

const givenBroker = (amqpUrl: string, env: NodeJS.ProcessEnv): BrokerAddress => {
  const managementUrl = env.RABBITMQ_MANAGEMENT_URL
  if (!managementUrl)
    throw wrongUsage(
      'AMQP_URL is set, and RABBITMQ_MANAGEMENT_URL is not.',
      'Set both, or none for the system of this machine, and repeat the command.',
    )
  const vhost = vhostOf(amqpUrl, shop.names.vhost)
  return {
    amqpUrl: withVhost(amqpUrl, vhost),
    vhost,
    admin: adminOf(managementUrl, amqpUrl),
    userPrefix: env.CHOREO_BROKER_USER_PREFIX ?? `${vhost}.`,
  }
}

const ownVhost = shop.names.vhost

/** A broker that the local system started is reached as its operator. */
const localBroker = (folder: string, { url, port }: RunEntry): BrokerAddress => {
  const password = readJson<Record<string, string>>(join(folder, 'secrets.json'))?.operator
  if (url.startsWith('amqp') || password === undefined)
    throw wrongUsage(
      `the system in ${folder} uses a broker of others.`,
      'Set AMQP_URL and RABBITMQ_MANAGEMENT_URL as for its start, and repeat the command.',
    )
  return {
    amqpUrl: amqpUrlWith(`amqp://127.0.0.1:${port}`, { vhost: ownVhost, as: { user: 'operator', password } }),
    admin: { managementUrl: baseOf(new URL(url)), adminUser: 'operator', adminPassword: password },
    ...{ vhost: ownVhost, userPrefix: '' },
  }
}
