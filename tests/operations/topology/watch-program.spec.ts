import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { freePort } from '../../../local/bring-up/ports.ts'
import { type RabbitMq, startRabbitMq } from '../../../local/servers/rabbitmq.ts'
import { shopTopology } from '../../../rabbitmq/participants.ts'
import { startTopologyWatch } from '../../../rabbitmq/watch.ts'
import { applyDefinitions } from '../../../shared/messaging/topology/apply.ts'
import { renderDefinitions } from '../../../shared/messaging/topology/definitions.ts'
import { type ManagementCall, managementApi } from '../../../shared/messaging/topology/management.ts'
import type { StopStep } from '../../../shared/runtime/lifecycle/drain.ts'
import { systemRandom } from '../../../shared/runtime/random.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { tempFolder } from '../../local/stand-ins.ts'
import { until } from '../../messaging/messages.ts'
import { needs, rabbitmq } from '../../support/servers.ts'

describe('the topology watch as a program', function () {
  this.timeout(180_000)
  // Its start installs what is missing.
  needs(rabbitmq)
  const folder = tempFolder()
  const data = join(folder.path, 'rabbitmq')
  let broker: RabbitMq
  let steps: readonly StopStep[] = []
  let api: ManagementCall
  let port: number

  const start = () => startRabbitMq({ folder: data, log: silentLog })
  const stopWatch = async () => {
    for (const step of steps) await step.run()
    steps = []
  }

  before(async () => {
    broker = await start()
    api = managementApi(broker)
    const secrets = { passwords: { operator: 'op-secret' }, random: systemRandom }
    await applyDefinitions(api, renderDefinitions(shopTopology(), { secrets }))
    port = await freePort()
    const management = new URL(broker.managementUrl)
    management.username = broker.adminUser
    management.password = broker.adminPassword
    steps = await startTopologyWatch({
      AMQP_URL: `amqp://operator:op-secret@127.0.0.1:${broker.amqpPort}/choreo`,
      RABBITMQ_MANAGEMENT_URL: management.href,
      CHOREO_HEALTH_PORT: String(port),
      CHOREO_LOG_LEVEL: 'error',
      // So that nothing is seen by chance: only the return of the broker can be the reason to look.
      CHOREO_TOPOLOGY_WATCH: '1h',
    })
  })
  after(async () => {
    await stopWatch()
    await broker.kill()
    folder.remove()
  })

  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`)
    return { status: answer.status, text: await answer.text() }
  }
  const isReady = (status: number) =>
    until(`readyz says ${status}`, async () => (await get('/readyz')).status === status, 60_000)
  const hasQueue = (name: string) =>
    api('GET', `/api/queues/choreo/${name}`).then(
      () => true,
      () => false,
    )

  /**
   * It waits longer after each try for a broker that is away; only a connection that is up can be lost. What
   * it sends again goes over another.
   */
  const isConnected = () =>
    until(
      'it is connected',
      async () => {
        const open = (await api('GET', '/api/connections')) as { user_provided_name?: string }[]
        return open.some(one => one.user_provided_name === 'topology-watch')
      },
      60_000,
    )

  it('is ready when it has seen the broker, and publishes its figures', async () => {
    await isReady(200)
    const { text } = await get('/metrics')
    expect(text).to.match(/^choreo_topology_missing 0$/m)
    expect(text).to.match(/^process_resident_memory_bytes \d+$/m)
    expect(text).to.match(/^choreo_inbox_consumers\{service="payment"\} 0$/m)
  })

  it('repairs at once a broker that comes back with a part missing', async () => {
    await isReady(200)
    await isConnected()
    await api('DELETE', '/api/queues/choreo/payment.inbox')
    await broker.stop()
    await isReady(503)
    broker = await start()
    await until('the inbox is back', () => hasQueue('payment.inbox'), 60_000)
    await isReady(200)
  })

  it('declares everything again at once on a broker that lost its disk, but no user', async () => {
    await isReady(200)
    await isConnected()
    await broker.kill()
    rmSync(join(data, 'data'), { recursive: true, force: true, maxRetries: 5 })
    broker = await start()
    await until('the inbox is back', () => hasQueue('payment.inbox'), 60_000)
    expect(await hasQueue('saga.journal')).to.equal(true)
    const users = (await api('GET', '/api/users')) as { name: string }[]
    expect(users.map(({ name }) => name)).to.deep.equal([broker.adminUser])
    await isReady(200)
    expect((await get('/metrics')).text).to.match(/^choreo_topology_missing [1-9]/m)
  })
})
