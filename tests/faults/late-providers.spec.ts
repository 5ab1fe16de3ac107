import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { freePort } from '../../local/bring-up/ports.ts'
import { type OwnedProcess, startOwned } from '../../local/supervision/owned-process.ts'
import type { OrderId } from '../../services/contract/ids.ts'
import type { EventType } from '../../services/contract/shop.ts'
import { waits } from '../../shared/messaging/topology/names.ts'
import { type RunningProgram, startProgram } from '../local/providers/program.ts'
import { until } from '../messaging/messages.ts'
import { type RabbitMqSubject, rabbitMqSubject } from '../messaging/subjects.ts'
import { eventAbout, newOrder } from '../support/events.ts'
import { type Absence, absentMs, type LateServer, lateServer } from '../support/late-server.ts'
import { mongodb, needs, rabbitmq, redis } from '../support/servers.ts'
import { publishEvent } from './payment-inbox.ts'

/** Of the longest pause between two attempts. */
const soonMs = 45_000
const build = fileURLToPath(new URL('../../', import.meta.url))

/** What a service asks, the event that makes it do so, and the one that it then sends, and to whom. */
const kinds = {
  payment: {
    ...{ provider: 'payment-provider', variable: 'PAYMENT_PROVIDER_URL' },
    ...{ asks: 'inventory.reserved', sends: 'payment.captured', to: 'shipping.inbox' },
  },
  shipping: {
    ...{ provider: 'carrier', variable: 'CARRIER_URL' },
    ...{ asks: 'payment.captured', sends: 'shipment.scheduled', to: 'order.inbox' },
  },
} as const satisfies Record<
  string,
  { provider: string; variable: string; asks: EventType; sends: EventType; to: string }
>
type Name = keyof typeof kinds

describe('a service whose provider is not there when it starts', function () {
  this.timeout(Math.max(...absentMs) + 120_000)
  needs(mongodb, rabbitmq, redis)
  const providers = new Map<Name, RunningProgram>()
  const folder = mkdtempSync(join(tmpdir(), 'choreo-test-'))
  before(async () => {
    for (const name of ['payment', 'shipping'] as const)
      providers.set(name, await startProgram(kinds[name].provider))
  })
  after(async () => {
    for (const provider of providers.values()) await provider.dispose()
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  const start = async (name: Name, subject: RabbitMqSubject, provider: LateServer): Promise<OwnedProcess> => {
    const at = join(folder, subject.vhost)
    return startOwned({
      ...{ name, folder: at, logFile: join(at, `${name}.log`) },
      ...{ command: process.execPath, args: [join(build, 'services', name, 'main.js')] },
      env: {
        ...{ AMQP_URL: subject.urlOf(name), MONGODB_URL: await mongodb(), REDIS_URL: await redis() },
        ...{ CHOREO_HEALTH_PORT: String(await freePort()), PATH: process.env.PATH },
        [kinds[name].variable]: `http://127.0.0.1:${provider.port}`,
      },
    })
  }
  const told = async (subject: RabbitMqSubject, name: Name, order: OrderId) =>
    (await subject.peek(kinds[name].to)).some(
      ({ key, body }) => key === kinds[name].sends && body.includes(order),
    )

  const comesBack = async (name: Name, absence: Absence, ms: number) => {
    const [subject, { port = 0 } = {}] = [await rabbitMqSubject(waits), providers.get(name)]
    const provider = await lateServer(port, absence, ms)
    const service = await start(name, subject, provider)
    const order = newOrder()
    try {
      await publishEvent(subject, eventAbout(order, kinds[name].asks))
      await provider.there
      await until(`${name} asks its provider, and says so`, () => told(subject, name, order), soonMs)
      expect(await subject.ready(`${name}.dlq`), 'dead letters').to.equal(0)
      expect(await providers.get(name)?.ledger()).to.satisfy(
        (entries: { orderId: string }[]) => entries.filter(one => one.orderId === order).length === 1,
      )
    } finally {
      await service.stop()
      provider.close()
      await subject.stop()
    }
  }

  for (const absence of ['refuses', 'swallows'] as const)
    for (const ms of absentMs)
      it(`lets an order wait, and ends its part once it is there: one that ${absence} for ${ms / 1_000} s`, async () => {
        const ends = await Promise.allSettled([
          comesBack('payment', absence, ms),
          comesBack('shipping', absence, ms),
        ])
        expect(ends.map(end => (end.status === 'rejected' ? String(end.reason) : ''))).to.deep.equal(['', ''])
      })
})
