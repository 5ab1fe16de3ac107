import { type Event, shop } from '../../services/contract/shop.ts'
import type { Payment } from '../../services/payment/domain.ts'
import { paymentService } from '../../services/payment/reactions.ts'
import { amqpBroker } from '../../shared/messaging/amqp/broker.ts'
import { onStop } from '../../shared/runtime/lifecycle/drain.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import type { Service } from '../../shared/saga/define/service.ts'
import { startEngine } from '../../shared/saga/engine.ts'
import { connectMongo } from '../../shared/storage/mongo/connection.ts'
import { mongoStore } from '../../shared/storage/mongo/store.ts'
import { redisDoneCache } from '../../shared/storage/redis/done-cache.ts'

/** What the process is told: where its servers are, which orders kill it. */
export type DeadlyOptions = {
  readonly amqpUrl: string
  readonly mongodbUrl: string
  readonly redisUrl: string
  readonly database: string
  readonly collection: string
  readonly deadly: readonly string[]
}

const deadlyFor = (orders: readonly string[], service: Service<Payment>): Service<Payment> => ({
  ...service,
  reactions: service.reactions.map(reaction => ({
    ...reaction,
    decide: (state, event) => {
      if (orders.includes((event as Event).subject)) process.kill(process.pid, 'SIGKILL')
      return reaction.decide(state, event)
    },
  })),
})

/**
 * The payment service with a handler that takes its process down; a SIGTERM finishes what it has taken and
 * ends it.
 */
const run = (options: DeadlyOptions): void => {
  const { amqpUrl: url, database, collection, deadly } = options
  const world = { clock: systemClock, random: systemRandom, log: silentLog }
  const mongo = connectMongo({ url: options.mongodbUrl, log: silentLog })
  const charge = async () => ({ answer: { outcome: 'captured' } })
  const engine = startEngine<Payment>({
    ...world,
    service: deadlyFor(deadly, paymentService(charge, 100)),
    broker: amqpBroker({ ...world, url, name: 'payment' }),
    store: mongoStore<Payment>(shop, mongo.db(database).collection(collection)),
    done: redisDoneCache({ url: options.redisUrl, service: database, clock: systemClock, log: silentLog }),
    prefetch: 64,
    retryPolicy: { delays: [200], maxAttempts: 3 },
  })
  onStop(process, engine.stopSteps, world)
}

if (process.argv[2]) run(JSON.parse(process.argv[2]) as DeadlyOptions)
