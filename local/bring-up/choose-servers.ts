import { SagaError } from '../../shared/runtime/errors.ts'

/** Who serves RabbitMQ and Redis. */
export type ServerSource = 'given' | 'docker' | 'program'
/** Who serves MongoDB: a program is a mongod on PATH, one that is downloaded, or the embedded server. */
export type MongoSource = 'given' | 'docker' | 'mongod' | 'download' | 'embedded'
/** Whose files a data folder holds. Both kinds of mongod write the same. */
export type Backend = 'docker' | 'mongod' | 'embedded'

/** What decides where the servers come from. */
export type ServerFacts = {
  /** Connection strings in the environment. */
  given: { rabbitmq: boolean; redis: boolean; mongodb: boolean }
  docker: boolean
  mongodOnPath: boolean
  /** Whether mongod can be downloaded now; it is not asked for when the answer cannot matter. */
  canDownload: () => Promise<boolean>
  /** What wrote the data folder, when it holds data. */
  recorded: Backend | undefined
}

export type ServerChoice = { rabbitmq: ServerSource; redis: ServerSource; mongodb: MongoSource }

/**
 * Where each server comes from: a given connection string, else Docker, else a program of this machine.
 * A folder with data keeps the backend that wrote it for as long as that one can be had.
 * @throws SagaError `backend-mismatch` when it cannot be had
 */
export const chooseServers = async (facts: ServerFacts): Promise<ServerChoice> => {
  const { given, recorded } = facts
  const docker = facts.docker && (recorded === undefined || recorded === 'docker')
  const mongodb = given.mongodb ? 'given' : docker ? 'docker' : await mongoProgram(facts)
  const other = docker ? 'docker' : 'program'
  return { rabbitmq: given.rabbitmq ? 'given' : other, redis: given.redis ? 'given' : other, mongodb }
}

const mongoProgram = async ({
  recorded,
  mongodOnPath,
  canDownload,
}: ServerFacts): Promise<'mongod' | 'download' | 'embedded'> => {
  if (recorded === 'docker') throw mismatch('MongoDB in a container', 'Docker does not run here')
  if (recorded === 'embedded') return 'embedded'
  if (mongodOnPath) return 'mongod'
  if (await canDownload()) return 'download'
  if (recorded === 'mongod') throw mismatch('mongod', 'it is neither on PATH nor can it be downloaded')
  return 'embedded'
}

const mismatch = (writer: string, why: string): SagaError =>
  new SagaError('backend-mismatch', `the data was written by ${writer}, and ${why}`, {
    retry: 'never',
  })

/** What to record for a choice; nothing for a server that is not ours. */
export const backendOf = (source: MongoSource): Backend | undefined =>
  source === 'given' ? undefined : source === 'download' ? 'mongod' : source
