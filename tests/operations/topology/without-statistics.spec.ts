import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { type ChannelModel, connect } from 'amqplib'
import { expect } from 'chai'
import { freePort } from '../../../local/bring-up/ports.ts'
import { type RabbitMq, startRabbitMq } from '../../../local/servers/rabbitmq.ts'
import { declaredFor, makeReady } from '../../../rabbitmq/declared.ts'
import { shop } from '../../../services/contract/shop.ts'
import { reactingNames } from '../../../services/registry.ts'
import { amqpCounts } from '../../../shared/messaging/amqp/queue-counts.ts'
import { managementApi } from '../../../shared/messaging/topology/management.ts'
import { textGauges } from '../../../shared/operations/topology/gauges.ts'
import { readTopology } from '../../../shared/operations/topology/live-topology.ts'
import type { BrokerView } from '../../../shared/operations/topology/queue-readings.ts'
import { topologyWatch } from '../../../shared/operations/topology/watch.ts'
import { closeServer } from '../../../shared/runtime/http/listen.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../../shared/runtime/time/clock.ts'
import { bareEnv, run } from '../../cli/choreo.ts'
import { tempFolder } from '../../local/stand-ins.ts'
import { rabbitmqctl } from '../../support/rabbitmqctl.ts'
import { needs, rabbitmq } from '../../support/servers.ts'

const letters = 150
const place = { vhost: 'choreo', userPrefix: '' }

describe('a broker without the statistics of its management plugin', function () {
  this.timeout(180_000)
  // Its start installs what is missing.
  needs(rabbitmq)
  const folder = tempFolder()
  let broker: RabbitMq
  let client: ChannelModel
  let door: Server

  before(async () => {
    mkdirSync(join(folder.path, 'conf.d'), { recursive: true })
    const off = 'management_agent.disable_metrics_collector = true\n'
    writeFileSync(join(folder.path, 'conf.d', '10-no-statistics.conf'), off)
    broker = await startRabbitMq({ folder: folder.path, log: silentLog })
    await makeReady(broker, place, { operator: 'op-secret-op-secret' })
    client = await connect(urlOf())
    const channel = await client.createConfirmChannel()
    for (let i = 0; i < letters; i++)
      channel.publish('saga.dlx', 'payment', Buffer.from('?'), { messageId: `m${i}`, persistent: true })
    channel.publish('saga.inboxes', 'nobody.hears', Buffer.from('?'), { messageId: 'u', persistent: true })
    await channel.waitForConfirms()
    for (const service of reactingNames) await channel.consume(`${service}.inbox`, () => {})
    door = createServer((_, answer) => void answer.end('[]'))
    await new Promise<void>(done => void door.listen(0, '127.0.0.1', done))
  })
  after(async () => {
    await client?.close()
    await closeServer(door)
    await broker?.kill()
    folder.remove()
  })

  const urlOf = () => `amqp://operator:op-secret-op-secret@127.0.0.1:${broker.amqpPort}/choreo`
  const api = () => managementApi(broker)
  const counts = () => amqpCounts({ url: urlOf(), clock: systemClock, log: silentLog })
  const seen = async (view: BrokerView, name: string) =>
    (await readTopology(view, 'choreo')).queues.find(queue => queue.name === name)

  it('is counted over AMQP', async () => {
    expect(await seen({ api: api(), counts: counts() }, 'payment.dlq')).to.include({
      ...{ ready: letters, consumers: 0 },
    })
    expect(await seen({ api: api(), counts: counts() }, 'order.inbox')).to.include({ ready: 0, consumers: 1 })
  })

  it('has unknown figures where it is not, and no zeros', async () => {
    expect(await seen({ api: api() }, 'payment.dlq')).to.include({ ready: undefined, consumers: undefined })
  })

  it('leaves a queue out that is not there, and counts the others', async () => {
    const counted = await counts()(['payment.dlq', 'never.was', 'order.inbox'])
    expect([...counted.keys()]).to.deep.equal(['payment.dlq', 'order.inbox'])
  })

  const watched = async (view: BrokerView) => {
    const gauges = textGauges()
    const drained: unknown[] = []
    const watch = topologyWatch({
      ...{ ...view, gauges, names: shop.names, services: reactingNames, deadLetterAlarm: 100 },
      ...{ declared: declaredFor(place), clock: systemClock, log: silentLog },
      recovery: { missed: () => {}, recover: async unrouted => void drained.push(unrouted) },
    })
    await watch.look()
    return { alarms: watch.alarms.map(({ name }) => name), text: gauges.text(), drained }
  }

  it('raises the alarms of the watch', async () => {
    const { alarms, text, drained } = await watched({ api: api(), counts: counts() })
    expect(alarms).to.deep.equal(['dead letters of payment', 'messages that no inbox takes'])
    expect(text).to.include('choreo_dead_letters{service="payment"} 150')
    expect(text).to.include('choreo_inbox_consumers{service="order"} 1')
    expect(text).to.include('choreo_broker_figures_unknown 0')
    expect(drained).to.deep.equal([1])
  })

  it('is an alarm itself when nobody can count it, and what reached no inbox is looked for all the same', async () => {
    const { alarms, text, drained } = await watched({ api: api() })
    expect(alarms).to.deep.equal(['queues whose figures are unknown'])
    expect(text).to.match(/^choreo_broker_figures_unknown 9$/m)
    expect(text).to.not.match(/^choreo_(dead_letters|inbox_consumers|inbox_ready|unrouted)\b.* 0$/m)
    expect(drained).to.deep.equal([undefined])
  })

  const envOf = (amqpPort: number) =>
    bareEnv({
      ...{ CHOREO_DATA: folder.path, CHOREO_URL: `http://127.0.0.1:${(door.address() as AddressInfo).port}` },
      AMQP_URL: `amqp://operator:op-secret-op-secret@127.0.0.1:${amqpPort}/choreo`,
      ...{ RABBITMQ_MANAGEMENT_URL: broker.managementUrl, CHOREO_BROKER_USER_PREFIX: '' },
    })
  const status = async (amqpPort: number) => {
    const env = envOf(amqpPort)
    const [{ code, json, err }, { out }] = [await run(['status', '--json'], env), await run(['status'], env)]
    const { findings = [] } = (json ?? {}) as { findings?: { what: string }[] }
    return { code, err, out, what: findings.map(({ what }) => what).join('\n') }
  }

  it('is told rightly by `status`', async () => {
    const { code, out, what, err } = await status(broker.amqpPort)
    expect(code, out + err).to.equal(1)
    expect(what).to.include('150 dead letters of payment').and.include('1 messages reached no inbox')
    expect(what).to.not.match(/Nobody consumes|does not tell/)
  })

  it('has unknown figures of a queue without a leader, which is not called empty either', async () => {
    const leader =
      'amqqueue:get_pid(element(2, rabbit_amqqueue:lookup(rabbit_misc:r(<<"choreo">>, queue, <<"shipping.dlq">>))))'
    await rabbitmqctl(folder.path, broker, ['eval', `ra:stop_server(quorum_queues, ${leader}).`])
    const view = { api: api(), counts: counts() }
    expect(await seen(view, 'shipping.dlq')).to.include({ ready: undefined, consumers: undefined })
    const { code, what } = await status(broker.amqpPort)
    expect(code).to.equal(1)
    expect(what).to.include('RabbitMQ does not tell how full shipping.dlq is')
    const listed = await run(['dlq', 'list', '--service', 'shipping'], envOf(broker.amqpPort))
    expect([listed.code, listed.out]).to.deep.equal([3, ''])
    expect(listed.err).to.match(/^broker-unavailable: shipping\.dlq does not answer/)
  })

  it('is never called well by `status` when nobody can count it', async () => {
    const { code, out, what, err } = await status(await freePort())
    expect(code, out + err).to.equal(4)
    expect(what).to.match(/^RabbitMQ does not tell how full order\.inbox, /)
    expect(out)
      .to.match(/^payment( +unknown| +0){4}$/m)
      .and.not.include('all is well')
  })
})
