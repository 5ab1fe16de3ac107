import { expect } from 'chai'
import { participants, shopTopology } from '../../../rabbitmq/participants.ts'
import { shop } from '../../../services/contract/shop.ts'
import { amqpCounts } from '../../../shared/messaging/amqp/queue-counts.ts'
import { applyDefinitions } from '../../../shared/messaging/topology/apply.ts'
import { renderDefinitions } from '../../../shared/messaging/topology/definitions.ts'
import { waits } from '../../../shared/messaging/topology/names.ts'
import { textGauges } from '../../../shared/operations/topology/gauges.ts'
import { bySource, settingsInForce } from '../../../shared/operations/topology/in-force.ts'
import { readTopology } from '../../../shared/operations/topology/live-topology.ts'
import { compareTopology, type DeclaredTopology } from '../../../shared/operations/topology/topology.ts'
import { type TopologyWatch, topologyWatch } from '../../../shared/operations/topology/watch.ts'
import type { Log } from '../../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../../shared/runtime/time/clock.ts'
import { bareEnv, run } from '../../cli/choreo.ts'
import { until } from '../../messaging/messages.ts'
import { type RabbitMqSubject, rabbitMqSubject } from '../../messaging/subjects.ts'
import { needs, rabbitmq } from '../../support/servers.ts'
import { eventOf, messageOf, newOrder } from '../world.ts'

/** The statistics of the broker are some seconds old. */
const slow = 40_000
const rules = { 'message-ttl': 2_000, 'max-length': 1_000 }

describe('a policy of others that matches our queues', function () {
  this.timeout(120_000)
  needs(rabbitmq)
  let subject: RabbitMqSubject
  let declared: DeclaredTopology
  let gauges: ReturnType<typeof textGauges>
  let watch: TopologyWatch
  let lines: string[]

  beforeEach(async () => {
    subject = await rabbitMqSubject(waits)
    const options = { vhost: subject.vhost, userPrefix: `${subject.vhost}-` }
    declared = { vhost: subject.vhost, definitions: renderDefinitions(shopTopology(), options) }
    ;[gauges, lines] = [textGauges(), []]
    const note = (message: string, fields = {}) => void lines.push(`${message} ${JSON.stringify(fields)}`)
    const log: Log = { info: note, warn: note, error: note }
    watch = topologyWatch({
      ...{ names: shop.names, api: subject.api, declared, gauges, log, clock: systemClock },
      ...{ services: participants.map(({ service }) => service), deadLetterAlarm: 100 },
      counts: amqpCounts({ url: subject.urlOf('operator'), clock: systemClock, log }),
      recovery: { missed: () => {}, recover: async () => {} },
    })
  })
  afterEach(() => subject.stop())

  const put = (kind: 'policies' | 'operator-policies', definition: object, pattern = '.*') =>
    subject.api('PUT', `/api/${kind}/${subject.vhost}/house-rules`, {
      ...{ pattern, definition, priority: 1, 'apply-to': 'all' },
    })
  const plan = () => compareTopology(subject.api, declared)
  const lost = async () => bySource((await plan()).notInForce).filter(({ lost }) => lost.length > 0)

  it('is found, with what it does to whom, and our policies are raised above it by the watch', async () => {
    await put('policies', rules)
    const publisher = subject.as('inventory').publisher()
    const send = async () => {
      for (let i = 0; i < 5; i++)
        await publisher.publish(messageOf(eventOf('inventory.reserved', newOrder())))
    }
    await send()
    await until('what nobody took is dropped', async () => (await subject.ready('payment.inbox')) === 0, slow)
    const [found, ...others] = await lost()
    expect(others).to.deep.equal([])
    expect(found?.source).to.deep.equal({ kind: 'policy', name: 'house-rules' })
    expect(found?.queues).to.include.members(['payment.inbox', 'payment.dlq', 'saga.unrouted'])
    expect(found?.lost.find(({ promise }) => promise === 'that nothing is lost')?.effects).to.have.members([
      'events older than 2 s are dropped',
      'above 1000 messages the oldest are dropped',
      'what RabbitMQ gives up is deleted instead of dead-lettered',
      'RabbitMQ 4 deletes what was looked at twenty times',
    ])
    const { overruled, different, missing } = await plan()
    expect(overruled.map(({ name }) => name)).to.include.members(['payment.inbox', 'saga.wait.32s'])
    expect([different, missing]).to.deep.equal([[], []])

    await watch.look()
    expect(await plan()).to.deep.include({ overruled: [], notInForce: [], different: [], missing: [] })
    expect(lines.filter(line => line.startsWith('raised above a policy of others'))).to.have.length(
      overruled.length,
    )
    expect(watch.alarms).to.deep.equal([])
    expect(gauges.text()).to.include('choreo_settings_not_in_force 0')
    await holds('payment.inbox', { 'max-length': 1_000_000, 'delivery-limit': 50 })
    await send()
    expect(await subject.ready('payment.inbox')).to.equal(5)
    await publisher.close(1_000)
  })

  type Row = { effective_policy_definition?: Record<string, unknown> | [] }
  /** By the word of the broker itself, which comes with its statistics. */
  const effective = async (queue: string) =>
    ((await subject.api('GET', `/api/queues/${subject.vhost}/${queue}`)) as Row).effective_policy_definition
  const holds = (queue: string, expected: Record<string, unknown>) =>
    until(
      `the broker says what holds for ${queue}`,
      async () => {
        const told = await effective(queue)
        return (
          told !== undefined &&
          Object.entries(expected).every(([name, value]) => told[name as never] === value)
        )
      },
      slow,
    )

  it('is computed as the broker does it, with an operator policy on top', async () => {
    await put('policies', { ...rules, 'dead-letter-exchange': 'saga.dlx' })
    await put(
      'operator-policies',
      { 'max-length': 77, 'message-ttl': 60_000, 'delivery-limit': 7 },
      '^payment',
    )
    for (const [queue, length] of [
      ['payment.dlq', 77],
      ['order.dlq', 1_000],
    ] as const) {
      await holds(queue, { 'max-length': length })
      const live = await readTopology({ api: subject.api }, subject.vhost)
      const there = live.definitions.queues?.find(({ name }) => name === queue) ?? {}
      expect(settingsInForce(live, there, queue).settings, queue).to.deep.equal(await effective(queue))
    }
  })

  it('stays below ours when our definitions are imported again, as at every start', async () => {
    await put('policies', rules)
    await applyDefinitions(subject.api, declared.definitions)
    expect(await plan()).to.deep.include({ overruled: [], notInForce: [], different: [] })
  })

  it('cannot be won against when it is one of operators: that is an alarm until it is gone', async () => {
    await put('operator-policies', { 'message-ttl': 2_000 }, '^payment\\.(inbox|dlq)$')
    await watch.look()
    await watch.look()
    expect(watch.alarms).to.deep.equal([
      { name: 'settings in force that take a promise away', count: 2, limit: 0 },
    ])
    expect(gauges.text()).to.include('choreo_settings_not_in_force 2')
    const said = lines.filter(line => line.startsWith('in force, and other than promised'))
    expect(said).to.have.length(1)
    expect(said[0])
      .to.include('events older than 2 s become dead letters')
      .and.include('nothing declared here wins against it')
    await subject.api('DELETE', `/api/operator-policies/${subject.vhost}/house-rules`)
    await watch.look()
    expect(watch.alarms).to.deep.equal([])
  })

  it('is named by `topology plan` and `status`, and put below ours by `topology apply`', async () => {
    await put('policies', rules)
    const { managementUrl, adminUser, adminPassword } = await rabbitmq()
    const management = new URL(managementUrl)
    management.username = adminUser
    management.password = adminPassword
    const env = bareEnv({
      ...{ CHOREO_URL: 'http://127.0.0.1:9', CHOREO_BROKER_USER_PREFIX: `${subject.vhost}-` },
      ...{ AMQP_URL: subject.urlOf('operator'), RABBITMQ_MANAGEMENT_URL: management.href },
    })
    const planned = await run(['topology', 'plan'], env)
    expect(planned.code, planned.err).to.equal(1)
    expect(planned.out)
      .to.match(
        /^overruled {2}policies of others stand above those of saga\.unrouted, .* and 11 more; apply raises ours to 2$/m,
      )
      .and.match(
        /^in force {2}policy house-rules is in force on .*older than 2 s are dropped.*, so that nothing is lost does/m,
      )
    expect((await run(['status'], env)).out).to.match(
      /^ill +On the broker policy house-rules is in force on/m,
    )
    const applied = await run(['topology', 'apply'], env)
    expect(applied.code, applied.out + applied.err).to.equal(0)
    expect(applied.out).to.match(/^raised {2}above the policies of others: saga\.unrouted, /m)
  })
})
