import { hostsIn, shownUrls } from '../../shared/runtime/configuration/server-urls.ts'
import { mongodDownloadAnswers } from '../servers/mongodb-download.ts'
import type { Context } from '../supervision/context.ts'
import { findProgram } from '../supervision/find-program.ts'
import { chooseServers, type MongoSource, type ServerChoice, type ServerSource } from './choose-servers.ts'
import { containers } from './compose-servers.ts'
import { type BrokerConnection, type Connections, givenBroker } from './connections.ts'
import { dockerRuns } from './docker.ts'
import { withGivenUrls } from './given-urls.ts'
import { ensureInstalled, type Package } from './install.ts'
import { recordBackend, recordedBackend, startChosenMongoDb } from './mongo-source.ts'
import { ownRabbitMq, ownRedis } from './own-servers.ts'

const choose = async ({ folder, env, say }: Context): Promise<ServerChoice> => {
  const given = {
    rabbitmq: Boolean(env.AMQP_URL),
    redis: Boolean(env.REDIS_URL),
    mongodb: Boolean(env.MONGODB_URL),
  }
  const needsAny = !(given.rabbitmq && given.redis && given.mongodb)
  return chooseServers({
    given,
    recorded: recordedBackend(folder),
    docker: needsAny && (await dockerRuns()),
    mongodOnPath: findProgram('mongod') !== undefined,
    canDownload: async () => {
      if (env.CHOREO_INSTALL === 'never') return false
      say('no mongod on PATH; asking whether one can be downloaded')
      return mongodDownloadAnswers()
    },
  })
}

type Containers = Awaited<ReturnType<typeof containers>> | undefined

const dockerServers = async (context: Context, choice: ServerChoice): Promise<Containers> => {
  const names = (['rabbitmq', 'mongodb', 'redis'] as const).filter(name => choice[name] === 'docker')
  if (names.includes('mongodb')) recordBackend(context.folder, 'docker')
  return names.length > 0 ? containers(context, names) : undefined
}

/**
 * A server that others run is listed without its credentials, and without its options: there may be some in
 * them too.
 */
const listGiven = (context: Context, name: string, url: string): void => {
  const port = Number(/:(\d+)$/.exec(hostsIn(url)[0] ?? '')?.[1] ?? 0)
  context.list.set({ name, kind: 'server', pid: null, port, url: shownUrls(url), log: null })
}

const broker = async (
  context: Context,
  source: ServerSource,
  docker: Containers,
): Promise<BrokerConnection> => {
  if (source !== 'given') return docker?.rabbitmq ?? ownRabbitMq(context)
  const { AMQP_URL = '', RABBITMQ_MANAGEMENT_URL } = context.env
  listGiven(context, 'rabbitmq', AMQP_URL)
  return givenBroker(AMQP_URL, RABBITMQ_MANAGEMENT_URL)
}

const mongodb = async (context: Context, source: MongoSource, docker: Containers): Promise<string> => {
  if (source === 'docker') return docker?.mongodb ?? ''
  if (source !== 'given') return startChosenMongoDb(context, source)
  const { MONGODB_URL = '' } = context.env
  listGiven(context, 'mongodb', MONGODB_URL)
  return MONGODB_URL
}

const redis = async (context: Context, source: ServerSource, docker: Containers): Promise<string> => {
  if (source !== 'given') return docker?.redis ?? ownRedis(context)
  const { REDIS_URL = '' } = context.env
  listGiven(context, 'redis', REDIS_URL)
  return REDIS_URL
}

const packagesFor = (choice: ServerChoice): Package[] => [
  ...(choice.rabbitmq === 'program' ? (['rabbitmq-server'] as const) : []),
  ...(choice.redis === 'program' ? (['redis-server'] as const) : []),
]

/**
 * Chooses and starts RabbitMQ, MongoDB and Redis, installing what is missing; resolves when all three are
 * usable.
 * @throws SagaError `install-failed`, `server-failed`, `backend-mismatch`, `config-invalid`
 */
export const bringUpServers = async (asked: Context): Promise<Connections> => {
  const context = { ...asked, env: withGivenUrls(asked.env) }
  const choice = await choose(context)
  const docker = await dockerServers(context, choice)
  await ensureInstalled(packagesFor(choice), context.say)
  context.say('starting the servers')
  const starting = [
    broker(context, choice.rabbitmq, docker),
    mongodb(context, choice.mongodb, docker),
    redis(context, choice.redis, docker),
  ] as const
  // When one fails the others are waited for, so that they can be stopped.
  await Promise.allSettled(starting)
  const [brokerConnection, mongodbUrl, redisUrl] = await Promise.all(starting)
  return { broker: brokerConnection, mongodbUrl, redisUrl }
}
