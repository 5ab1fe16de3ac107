import { Redis } from 'ioredis'
import { type Event, shop } from '../../services/contract/shop.ts'
import type { Payment } from '../../services/payment/domain.ts'
import { paymentService } from '../../services/payment/reactions.ts'
import { SagaError } from '../../shared/runtime/errors.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import type { Perform, Service } from '../../shared/saga/define/service.ts'
import type { DoneCache, Store } from '../../shared/saga/document/store.ts'
import { type Engine, startEngine } from '../../shared/saga/engine.ts'
import { memoryDoneCache, memoryStore } from '../../shared/storage/memory/store.ts'
import { ensureDocumentIndexes, mongoStore } from '../../shared/storage/mongo/store.ts'
import { redisDoneCache } from '../../shared/storage/redis/done-cache.ts'
import { memorySubject, rabbitMqSubject, type Subject, shortWaitMs } from '../messaging/subjects.ts'
import { freshCollection, needsMongo } from '../storage/adapters.ts'
import { needs, rabbitmq, redis } from '../support/servers.ts'

/** What goes wrong while it says so. */
export type Trouble = { isBroken?: (event: Event) => boolean; isStoreDown?: () => boolean }

/** The payment service on adapters of one kind, with calls to the provider that the test answers. */
export type KernelSubject = Subject & {
  readonly store: Store<Payment>
  wipeCache(): Promise<void>
  start(perform: Perform, trouble?: Trouble): Engine<Payment>
  /** Stops an instance as SIGTERM does. */
  halt(engine: Engine<Payment>): Promise<void>
}

type World = {
  readonly store: Store<Payment>
  readonly done: DoneCache
  wipe(): Promise<void>
  close(): Promise<void>
}

export const maxAttempts = 3

const onWorld = (subject: Subject, { store, done, wipe, close }: World): KernelSubject => {
  const running = new Set<Engine<Payment>>()
  const halt = async (engine: Engine<Payment>) => {
    running.delete(engine)
    for (const step of engine.stopSteps) await step.run()
  }
  const start = (perform: Perform, { isBroken = () => false, isStoreDown = () => false }: Trouble = {}) => {
    const engine = startEngine<Payment>({
      service: brokenWhile(isBroken, paymentService(perform, 100)),
      store: downWhile(isStoreDown, store),
      ...{ done, broker: subject.as('payment'), prefetch: 64 },
      ...{ clock: systemClock, random: systemRandom, log: silentLog },
      retryPolicy: { delays: [shortWaitMs], maxAttempts },
    })
    running.add(engine)
    return engine
  }
  const stop = async () => {
    for (const engine of running) await halt(engine)
    await close()
    await subject.stop()
  }
  return { ...subject, store, start, halt, stop, wipeCache: wipe }
}

/** The service, whose rules fail for these events as a bug would make them. */
export const brokenWhile = (
  isBroken: (event: Event) => boolean,
  service: Service<Payment>,
): Service<Payment> => ({
  ...service,
  reactions: service.reactions.map(reaction => ({
    ...reaction,
    decide: (state, event) => {
      if (isBroken(event as Event)) throw new TypeError('a programming error')
      return reaction.decide(state, event)
    },
  })),
})

const downWhile = (isDown: () => boolean, store: Store<Payment>): Store<Payment> => ({
  ...store,
  tryWrite: async () => {
    if (isDown()) throw new SagaError('store-unavailable', 'down')
    return store.tryWrite()
  },
  load: async orderId => {
    if (isDown()) throw new SagaError('store-unavailable', 'down')
    return store.load(orderId)
  },
  commit: async (document, change) => {
    if (isDown()) throw new SagaError('store-unavailable', 'down')
    return store.commit(document, change)
  },
})

/** Every kind of adapters that the kernel has to work on. */
export const kernelSubjects: { name: string; prepare(): void; open(): Promise<KernelSubject> }[] = [
  {
    name: 'in memory',
    prepare: () => {},
    open: async () => {
      const done = memoryDoneCache()
      const wipe = async () => done.wipe()
      return onWorld(await memorySubject(), {
        store: memoryStore<Payment>(),
        done,
        wipe,
        close: async () => {},
      })
    },
  },
  {
    name: 'on RabbitMQ, MongoDB and Redis',
    prepare: () => {
      needs(rabbitmq, redis)
      needsMongo()
    },
    open: async () => {
      const collection = freshCollection()
      await ensureDocumentIndexes(collection)
      const url = await redis()
      const service = `payment-${systemRandom.id()}`
      const done = redisDoneCache({ url, service, clock: systemClock, log: silentLog })
      const client = new Redis(url)
      const wipe = async () => {
        const keys = await client.keys(`done:${service}:*`)
        if (keys.length > 0) await client.del(keys)
      }
      const close = async () => {
        done.close()
        client.disconnect()
      }
      return onWorld(await rabbitMqSubject(), {
        store: mongoStore<Payment>(shop, collection),
        done,
        wipe,
        close,
      })
    },
  },
]
