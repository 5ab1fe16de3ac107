import type { Saga } from '../contract/saga.ts'
import { amqpBroker } from '../messaging/amqp/broker.ts'
import { amqpBrowseQueue } from '../messaging/amqp/queue-browser.ts'
import { SagaError } from '../runtime/errors.ts'
import { systemRandom } from '../runtime/random.ts'
import { type Log, silentLog } from '../runtime/telemetry/log.ts'
import { systemClock } from '../runtime/time/clock.ts'
import type { Service } from '../saga/define/service.ts'
import { connectMongo } from '../storage/mongo/connection.ts'
import { mongoStore } from '../storage/mongo/store.ts'
import type { Operations, ReadDocument, ReadStuck } from './operations.ts'

/**
 * The real world of an operator. Nothing is connected before it is used. `amqpUrl` has a user who may do
 * everything in its vhost; without `mongodbUrl` documents cannot be read. `close` resolves when all
 * connections are gone.
 * @throws SagaError `config-invalid`
 */
export const openOperations = (options: {
  saga: Saga
  amqpUrl: string
  mongodbUrl?: string
  services: readonly Service[]
  log?: Log
}): Operations & { close(): Promise<void> } => {
  const { saga, amqpUrl: url, services, mongodbUrl, log = silentLog } = options
  const [clock, random] = [systemClock, systemRandom]
  const documents = mongodbUrl === undefined ? nothingToRead : documentsAt(saga, mongodbUrl, log)
  const broker = amqpBroker({ url, name: 'operator', clock, random, log })
  return {
    ...{ saga, services, clock, random, log, document: documents.read },
    ...{ stuck: documents.stuck, close: documents.close },
    browseQueue: amqpBrowseQueue({ url, clock, log }),
    publisher: () => broker.publisher(),
  }
}

type Documents = { readonly read: ReadDocument; readonly stuck: ReadStuck; close(): Promise<void> }

const documentsAt = (saga: Saga, url: string, log: Log): Documents => {
  const { databaseOf, collection } = saga.names
  const mongo = connectMongo({ url, log })
  const storeOf = (service: string) => mongoStore(saga, mongo.db(databaseOf(service)).collection(collection))
  return {
    read: (service, subject) => storeOf(service).load(subject),
    stuck: (service, limit) => storeOf(service).stuck(limit),
    close: () => mongo.close(),
  }
}

const noUrl = () =>
  Promise.reject(new SagaError('config-invalid', 'MONGODB_URL is needed for this', { retry: 'never' }))

const nothingToRead: Documents = {
  read: noUrl,
  stuck: noUrl,
  close: async () => {},
}
