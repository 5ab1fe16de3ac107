import { bringUpServers } from '../../local/bring-up/bring-up.ts'
import type { Connections } from '../../local/bring-up/connections.ts'
import { freePort } from '../../local/bring-up/ports.ts'
import { claimFolder } from '../../local/supervision/claim.ts'
import { type Context, stopStarted } from '../../local/supervision/context.ts'
import { keepRunning, type NodeProgram } from '../../local/supervision/processes.ts'
import { providerProgram } from '../../local/system/programs.ts'
import { managementApi } from '../../shared/messaging/topology/management.ts'
import { SagaError } from '../../shared/runtime/errors.ts'
import { privateContext, privateEnvironment, privateFolder } from './private.ts'
import { type HttpContender, type HttpSystem, placesOf, providersIn, storeOf } from './system.ts'

/** A program of the bench: its name, its main file below bench/, and the port that it listens on. */
export type OwnProgram = { readonly name: string; readonly main: string; readonly port: number }

/** What programs of the bench are given. */
export type OwnPlaces = {
  readonly amqpUrl: string
  readonly mongodbUrl: string
  readonly redisUrl: string
  readonly paymentProvider: string
  readonly carrier: string
}

type Options = {
  readonly contender: HttpContender
  /** Programs in the order of their start; the first one has the public API. */
  readonly programs: (ports: () => Promise<number>) => Promise<readonly OwnProgram[]>
  readonly variables: Readonly<Record<string, string>>
  /** Queues that have to be empty in the end; none when nothing of it can be audited. */
  readonly letters?: readonly string[]
  readonly say: (line: string) => void
}

const vhost = 'bench'

/** A vhost on the private broker, and its URL as the administrator. */
const openVhost = async ({ broker }: Connections): Promise<string> => {
  if (!broker.admin) throw new SagaError('server-failed', 'the private broker has no administrator')
  const { adminUser, adminPassword } = broker.admin
  const api = managementApi(broker.admin)
  await api('PUT', `/api/vhosts/${vhost}`)
  const all = { configure: '.*', write: '.*', read: '.*' }
  await api('PUT', `/api/permissions/${vhost}/${adminUser}`, all)
  const url = new URL(broker.amqpUrl)
  return `amqp://${adminUser}:${adminPassword}@${url.host}/${vhost}`
}

const programOf = (own: OwnProgram, variables: Record<string, string>): NodeProgram => {
  const url = `http://127.0.0.1:${own.port}`
  return {
    name: own.name,
    listed: [{ name: own.name, kind: 'service', port: own.port, url }],
    main: `bench/${own.main}`,
    args: [String(own.port)],
    variables,
    readyUrls: [`${url}/readyz`],
  }
}

const startAll = async (context: Context, options: Options): Promise<Omit<HttpSystem, 'stop'>> => {
  const { folder } = context
  const connections = await bringUpServers(context)
  for (const name of ['payment-provider', 'carrier'])
    await keepRunning(context, providerProgram(context, name, await freePort()))
  const amqpUrl = await openVhost(connections)
  const providers = providersIn(context.list.entries())
  const { mongodbUrl, redisUrl } = connections
  const places: OwnPlaces = { amqpUrl, mongodbUrl, redisUrl, ...providers }
  const variables = { ...options.variables, BENCH_PLACES: JSON.stringify(places) }
  const programs = await options.programs(freePort)
  for (const own of programs) await keepRunning(context, programOf(own, variables))
  const url = `http://127.0.0.1:${programs[0]?.port}`
  const { contender, letters } = options
  return {
    ...{ contender, urls: [url] as const, folder, store: storeOf(folder), connections },
    run: context.list.entries,
    places: placesOf({ folder, run: context.list.entries, connections, figures: {} }),
    ...(letters && { books: { url, ...providers, letters: { amqpUrl, queues: letters } } }),
  }
}

/**
 * Programs of the bench on private servers of their own, of the same kinds and settings as those of this
 * project.
 * @throws SagaError as `bringUpServers`, `server-failed` when a program does not come up
 */
export const startOwnPrograms = async (options: Options): Promise<HttpSystem> => {
  const { folder, remove } = privateFolder(options.contender)
  const claim = await claimFolder(folder, options.say)
  const context = privateContext(claim.folder, options.say, privateEnvironment())
  const stop = async () => {
    await stopStarted(context)
    claim.release()
    remove()
  }
  try {
    return { ...(await startAll(context, options)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}
