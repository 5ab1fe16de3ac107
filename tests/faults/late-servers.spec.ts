import { expect } from 'chai'
import { amqpBroker } from '../../shared/messaging/amqp/broker.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { connectMongo } from '../../shared/storage/mongo/connection.ts'
import { redisDoneCache } from '../../shared/storage/redis/done-cache.ts'
import { message, until } from '../messaging/messages.ts'
import { type RabbitMqSubject, rabbitMqSubject } from '../messaging/subjects.ts'
import { type Absence, absentMs, type LateServer, lateServer } from '../support/late-server.ts'
import { mongodb, needs, rabbitmq, redis } from '../support/servers.ts'

/** Of 10 s that the driver waits between two looks, and of the longest back-off. */
const soonMs = 30_000

/** A client that is used from before its server is there. */
type Client = { readonly works: () => Promise<boolean>; readonly close: () => Promise<unknown> }
type Open = (url: string) => Client

const usual = { clock: systemClock, random: systemRandom, log: silentLog }

describe('a server that is not there when its client begins', function () {
  this.timeout(Math.max(...absentMs) + 90_000)
  needs(mongodb, rabbitmq, redis)
  let subject: RabbitMqSubject
  before(async () => {
    subject = await rabbitMqSubject()
  })
  after(() => subject.stop())

  const succeeds = (work: Promise<unknown>) =>
    work.then(
      () => true,
      () => false,
    )
  const kinds: Record<string, { url: () => string | Promise<string>; open: Open }> = {
    'a client of MongoDB': {
      url: mongodb,
      open: url => {
        const mongo = connectMongo({ url, log: silentLog })
        return { works: () => succeeds(mongo.ping()), close: () => mongo.close() }
      },
    },
    'a publisher': {
      url: () => subject.urlOf('inventory'),
      open: url => {
        const publisher = amqpBroker({ ...usual, url, name: 'late' }).publisher()
        const works = () =>
          succeeds(publisher.publish(message(systemRandom.id(), { key: 'inventory.reserved' })))
        return { works, close: () => publisher.close(100) }
      },
    },
    'a consumer': {
      url: () => subject.urlOf('order'),
      open: url => {
        const options = { queue: 'order.inbox', prefetch: 1, onDelivery: () => {} }
        const consumer = amqpBroker({ ...usual, url, name: 'late' }).consumer(options)
        return { works: async () => consumer.consuming, close: () => consumer.close() }
      },
    },
    'a done cache': {
      url: redis,
      open: url => {
        const cache = redisDoneCache({ ...usual, url, service: `late-${systemRandom.id()}` })
        return { works: async () => !cache.open().reads, close: () => cache.close() }
      },
    },
  }

  const through = (url: string, { port }: LateServer): string => {
    const way = new URL(url)
    way.host = `127.0.0.1:${port}`
    return way.href
  }
  const portIn = (url: string) => Number(new URL(url).port)

  const comesBack = async (name: string, absence: Absence, ms: number) => {
    const kind = kinds[name]
    if (!kind) throw new Error(`no client ${name}`)
    const url = await kind.url()
    const server = await lateServer(portIn(url), absence, ms)
    const client = kind.open(through(url, server))
    try {
      const early = client.works()
      await server.there
      await until(`${name} works`, () => client.works(), soonMs)
      await early
    } finally {
      await client.close()
      server.close()
    }
  }

  for (const absence of ['refuses', 'swallows'] as const)
    for (const ms of absentMs)
      it(`is found within seconds once it is there: nothing but one that ${absence} for ${ms / 1_000} s`, async () => {
        const names = Object.keys(kinds)
        const ends = await Promise.allSettled(names.map(name => comesBack(name, absence, ms)))
        const failed = ends.map(end => (end.status === 'rejected' ? String(end.reason) : ''))
        expect(failed).to.deep.equal(names.map(() => ''))
      })
})
