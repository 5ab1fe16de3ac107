import { expect } from 'chai'
import { participants, shopTopology } from '../../../rabbitmq/participants.ts'
import { shop } from '../../../services/contract/shop.ts'
import { amqpCounts } from '../../../shared/messaging/amqp/queue-counts.ts'
import type { Publisher } from '../../../shared/messaging/broker.ts'
import { applyDefinitions } from '../../../shared/messaging/topology/apply.ts'
import { renderDefinitions } from '../../../shared/messaging/topology/definitions.ts'
import { waits } from '../../../shared/messaging/topology/names.ts'
import { topologyOf } from '../../../shared/messaging/topology/topology.ts'
import { foreignQueues, foreignText } from '../../../shared/operations/topology/foreign-queues.ts'
import { textGauges } from '../../../shared/operations/topology/gauges.ts'
import { readTopology } from '../../../shared/operations/topology/live-topology.ts'
import { type TopologyWatch, topologyWatch } from '../../../shared/operations/topology/watch.ts'
import { codeOf } from '../../../shared/runtime/errors.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../../shared/runtime/time/clock.ts'
import { bareEnv, run } from '../../cli/choreo.ts'
import { until } from '../../messaging/messages.ts'
import { type RabbitMqSubject, rabbitMqSubject } from '../../messaging/subjects.ts'
import { needs, rabbitmq } from '../../support/servers.ts'
import { eventOf, messageOf, newOrder } from '../world.ts'

const most = 10
const fraud = { service: 'fraud', subscribes: ['order.placed', 'payment.captured'], publishes: [] }
const services = participants.map(({ service }) => service)

describe('what a service has left on the broker that was taken away', function () {
  this.timeout(120_000)
  needs(rabbitmq)
  let subject: RabbitMqSubject
  let gauges: ReturnType<typeof textGauges>
  let watch: TopologyWatch
  let publisher: Publisher
  let env: NodeJS.ProcessEnv

  beforeEach(async () => {
    subject = await rabbitMqSubject(waits)
    const place = { vhost: subject.vhost, userPrefix: `${subject.vhost}-` }
    const next = renderDefinitions(topologyOf(shop.names, { participants: [...participants, fraud] }), place)
    const { exchanges = [], queues = [], bindings = [], policies = [] } = next
    await applyDefinitions(subject.api, { exchanges, queues, bindings, policies })
    await limit('fraud.inbox')
    gauges = textGauges()
    const counts = amqpCounts({ url: subject.urlOf('operator'), clock: systemClock, log: silentLog })
    const declared = { vhost: subject.vhost, definitions: renderDefinitions(shopTopology(), place) }
    watch = topologyWatch({
      ...{ names: shop.names, api: subject.api, counts, declared, gauges, log: silentLog, services },
      ...{ deadLetterAlarm: 100, clock: systemClock },
      recovery: { missed: () => {}, recover: async () => {} },
    })
    publisher = subject.as('order').publisher()
    const { managementUrl, adminUser, adminPassword } = await rabbitmq()
    const management = new URL(managementUrl)
    ;[management.username, management.password] = [adminUser, adminPassword]
    env = bareEnv({
      ...{ CHOREO_URL: 'http://127.0.0.1:9', CHOREO_BROKER_USER_PREFIX: `${subject.vhost}-` },
      ...{ AMQP_URL: subject.urlOf('operator'), RABBITMQ_MANAGEMENT_URL: management.href },
    })
  })
  afterEach(async () => {
    await publisher.close(1_000)
    await subject.stop()
  })

  const limit = (queue: string) =>
    subject.api('PUT', `/api/policies/${subject.vhost}/${queue}`, {
      ...{ pattern: `^(${queue.replace('.', '\\.')})$`, priority: 0, 'apply-to': 'queues' },
      definition: { 'max-length': most, overflow: 'reject-publish' },
    })
  const place = () => publisher.publish(messageOf(eventOf('order.placed', newOrder(), 'order')))
  const placeMany = async (count: number) => {
    for (let i = 0; i < count; i++) await place()
  }
  const untilRefused = () =>
    until('publishers are refused', async () => {
      const code = await place().then(
        () => undefined,
        error => codeOf(error),
      )
      return code === 'publish-rejected'
    })
  const alarms = async () => {
    await watch.look()
    return watch.alarms.map(({ name }) => name)
  }
  const others = 'queues of others that take our events'

  it('is an alarm from the first look on, and more than one before it makes publishers fail', async () => {
    expect(await alarms()).to.deep.equal([others])
    expect(gauges.text())
      .to.include('choreo_foreign_queues 1')
      .and.include('choreo_queue_fill{queue="fraud.inbox"} 0')
    await placeMany(6)
    const half = 'fraud.inbox above 50 % of its limit'
    expect(await alarms()).to.have.members([others, half])
    expect(gauges.text()).to.include('choreo_queue_fill{queue="fraud.inbox"} 0.6')
    await placeMany(3)
    expect(await alarms()).to.have.members([others, half, 'fraud.inbox above 80 % of its limit'])
    await untilRefused()
  })

  it('is the same for an inbox of ours that nobody empties', async () => {
    await limit('inventory.inbox')
    await placeMany(9)
    expect(await alarms()).to.include.members([
      'inventory.inbox above 50 % of its limit',
      'inventory.inbox above 80 % of its limit',
    ])
    const { out } = await run(['status'], env)
    expect(out).to.match(
      /^ill +The queue inventory\.inbox is 90 % full \(9 of 10 messages\); .*order\.placed/m,
    )
  })

  it('is told by `status` and `topology plan`, with what it gets and does', async () => {
    await placeMany(2)
    const gets =
      /queue fraud\.inbox, which nobody here declares, gets order\.placed, payment\.captured: 2 messages, 0 consumers; it is 20 % full \(2 of 10 messages\): once it is full, whoever publishes/
    expect((await run(['status'], env)).out).to.match(new RegExp(`^look +On the broker ${gets.source}`, 'm'))
    const planned = await run(['topology', 'plan'], env)
    expect(planned.out).to.match(new RegExp(`^extra {2}${gets.source}`, 'm'))
    await untilRefused()
    const status = await run(['status'], env)
    expect(status.out).to.match(
      /^ill +On the broker queue fraud\.inbox.*is full \(\d+ of 10 messages\): whoever/m,
    )
    expect(status.code).to.equal(1)
  })

  it('does no harm while it is consumed and drops what is too much', async () => {
    await subject.api('DELETE', `/api/policies/${subject.vhost}/fraud.inbox`)
    const consumer = subject
      .as('operator')
      .consumer({ queue: 'fraud.inbox', prefetch: 1, onDelivery: () => {} })
    await until('it is consumed', () => consumer.consuming)
    expect(await alarms()).to.deep.equal([])
    await consumer.close()
    expect(await alarms()).to.deep.equal([others])
  })

  it('is followed by way of an exchange of others, which `topology prune` only cuts off', async () => {
    const at = (path: string) => `/api/${path.replace('VHOST', subject.vhost)}`
    await subject.api('PUT', at('exchanges/VHOST/theirs'), { type: 'topic', durable: true })
    await subject.api('PUT', at('queues/VHOST/theirs'), { durable: true })
    await subject.api('POST', at('bindings/VHOST/e/saga.events/e/theirs'), { routing_key: 'order.#' })
    await subject.api('POST', at('bindings/VHOST/e/theirs/q/theirs'), { routing_key: '#' })
    const definitions = renderDefinitions(shopTopology(), { vhost: subject.vhost })
    const live = await readTopology({ api: subject.api }, subject.vhost)
    const found = foreignQueues(shop.names, definitions, live).find(({ name }) => name === 'theirs')
    expect(found).to.deep.include({ direct: false })
    expect(found?.events).to.include('order.placed').and.not.include('payment.captured')
    expect(found && foreignText(found)).to.match(/it has no limit, and grows until/)
    expect((await run(['topology', 'prune', '--yes'], env)).code).to.equal(0)
    expect(await subject.ready('theirs')).to.equal(0)
    await place()
    expect(await subject.ready('theirs')).to.equal(0)
  })

  it('is deleted by `topology prune`, which says what is lost, asks, and spares what is consumed', async () => {
    await untilRefused()
    const asked = await run(['topology', 'prune'], env)
    expect(asked.code).to.equal(1)
    expect(asked.err)
      .to.match(/^fraud\.inbox +\d+ +0 +order\.placed, payment\.captured$/m)
      .and.match(/^not-confirmed: \d+ messages in 2 queues would be lost, and nothing was deleted\./m)
    const unknown = await run(['topology', 'prune', 'payment.inbox', '--yes'], env)
    expect([unknown.code, unknown.err.split(':')[0]]).to.deep.equal([1, 'queue-unknown'])

    const consumer = subject
      .as('operator')
      .consumer({ queue: 'fraud.inbox', prefetch: 1, onDelivery: () => {} })
    await until('it is consumed', () => consumer.consuming)
    const used = await run(['topology', 'prune', '--yes'], env)
    expect([used.code, used.err]).to.satisfy(
      ([code, err]: [number, string]) => code === 1 && /^queue-in-use: fraud\.inbox has 1 consumer/.test(err),
    )
    await consumer.close()

    const pruned = await run(['topology', 'prune', '--yes', '--json'], env)
    expect(pruned.code, pruned.err).to.equal(0)
    expect((pruned.json as { queues: { name: string }[] }).queues.map(({ name }) => name)).to.deep.equal([
      'fraud.dlq',
      'fraud.inbox',
    ])
    await place()
    const { missing, extra } = (await run(['topology', 'plan', '--json'], env)).json as Record<
      string,
      unknown[]
    >
    expect([missing, extra]).to.deep.equal([[], []])
    expect((await run(['topology', 'prune'], env)).out).to.equal('nothing of others hangs on our exchanges\n')
    expect(await alarms()).to.deep.equal([])
  })
})
