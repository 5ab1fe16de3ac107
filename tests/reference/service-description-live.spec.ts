import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { freePort } from '../../local/bring-up/ports.ts'
import { type EmbeddedMongo, startEmbeddedMongo } from '../../local/mongodb/server.ts'
import { openStorage } from '../../local/mongodb/storage/storage.ts'
import { describedServices } from '../../reference/services/described-services.ts'
import { endpointsOf } from '../../reference/services/ports.ts'
import { starts } from '../../services/all.ts'
import { shop } from '../../services/contract/shop.ts'
import type { ServiceName as Name } from '../../services/registry.ts'
import { callOf } from '../../shared/runtime/http/private-port.ts'
import type { StopStep } from '../../shared/runtime/lifecycle/drain.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { until } from '../messaging/messages.ts'
import { type RabbitMqSubject, rabbitMqSubject } from '../messaging/subjects.ts'
import { needs, rabbitmq, redis } from '../support/servers.ts'

/** What a private port says that it answers. */
const callsOf = async (port: number): Promise<readonly string[]> => {
  const response = await fetch(`http://127.0.0.1:${port}/nowhere`)
  const { detail } = (await response.json()) as { detail: string }
  return detail.match(/(GET|POST) [^,]+(?=,|\.$)/g) ?? []
}

describe('the page of a service that runs', function () {
  this.timeout(60_000)
  needs(rabbitmq, redis)
  const folder = mkdtempSync(join(tmpdir(), 'choreo-canvas-'))
  const ports = new Map<Name, number>()
  let mongo: EmbeddedMongo
  let subject: RabbitMqSubject
  let steps: readonly StopStep[] = []

  const start = async (name: Name): Promise<readonly StopStep[]> => {
    const port = await freePort()
    ports.set(name, port)
    return (await starts())[name]({
      ...{ AMQP_URL: subject.urlOf(name), REDIS_URL: await redis() },
      ...{ MONGODB_URL: `mongodb://127.0.0.1:${mongo.port}`, CHOREO_HTTP_PORT: '0' },
      ...{ PAYMENT_PROVIDER_URL: 'http://127.0.0.1:9', CARRIER_URL: 'http://127.0.0.1:9' },
      ...{ CHOREO_HEALTH_PORT: String(port), CHOREO_LOG_LEVEL: 'error' },
    })
  }
  const isReady = async (port: number) => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200
  const stop = async () => {
    for (const step of steps) await step.run()
    steps = []
  }

  before(async () => {
    mongo = await startEmbeddedMongo({ folder, port: 0, log: silentLog })
    subject = await rabbitMqSubject()
    for (const { name } of describedServices) steps = [...steps, ...(await start(name))]
    for (const [name, port] of ports) await until(`${name} is ready`, () => isReady(port))
  })
  after(async () => {
    await stop()
    await subject?.stop()
    await mongo?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  for (const one of describedServices)
    it(`has just the routes of the private port of ${one.name}`, async () => {
      expect(await callsOf(ports.get(one.name) ?? 0)).to.have.members(
        Object.keys(endpointsOf(one)).map(callOf),
      )
    })

  it('has just the collections that were written', async () => {
    await stop()
    await mongo.stop()
    const storage = await openStorage(folder, silentLog)
    const written = [...storage.collections.keys()].map(name => name.replace(/_\d+$/, '_<generation>'))
    await storage.close()
    const told = describedServices.flatMap(({ name, description: canvas }) =>
      Object.keys(canvas.stores).map(collection => `${shop.names.databaseOf(name)}.${collection}`),
    )
    expect(written).to.have.members(told)
  })
})
