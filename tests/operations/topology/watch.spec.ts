import { expect } from 'chai'
import { participants, shopTopology } from '../../../rabbitmq/participants.ts'
import type { OrderId } from '../../../services/contract/ids.ts'
import { shop } from '../../../services/contract/shop.ts'
import { renderDefinitions } from '../../../shared/messaging/topology/definitions.ts'
import { managementApi } from '../../../shared/messaging/topology/management.ts'
import type { Recovery } from '../../../shared/operations/recovery/recovery.ts'
import { type Gauges, textGauges } from '../../../shared/operations/topology/gauges.ts'
import { compareTopology, type DeclaredTopology } from '../../../shared/operations/topology/topology.ts'
import { type TopologyWatch, topologyWatch } from '../../../shared/operations/topology/watch.ts'
import type { Log } from '../../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../../shared/runtime/time/clock.ts'
import { until } from '../../messaging/messages.ts'
import { shortWaitMs } from '../../messaging/subjects.ts'
import { brokerVersion } from '../../messaging/version.ts'
import { rabbitmq } from '../../support/servers.ts'
import { eventOf, messageOf, needsWorld, newOrder, type OperatorWorld, openWorld } from '../world.ts'

/** Here the watch only looks and repairs; what comes back after it has tests of its own. */
const noRecovery: Recovery = { missed: () => {}, recover: async () => {} }

/** The broker's own figures are some seconds old. */
const slow = 40_000

describe('the topology watch', function () {
  this.timeout(120_000)
  needsWorld()
  let world: OperatorWorld
  let declared: DeclaredTopology
  let lines: string[]
  let gauges: Gauges & { text(): string }
  let watch: TopologyWatch

  beforeEach(async () => {
    world = await openWorld()
    const options = { vhost: world.vhost, userPrefix: `${world.vhost}-` }
    const definitions = renderDefinitions(shopTopology([shortWaitMs]), options)
    declared = { vhost: world.vhost, definitions }
    lines = []
    gauges = textGauges()
    const note = (message: string, fields = {}) => void lines.push(`${message} ${JSON.stringify(fields)}`)
    const log: Log = { info: note, warn: note, error: note }
    const api = managementApi(await rabbitmq())
    const services = participants.map(({ service }) => service)
    const rest = { recovery: noRecovery, clock: systemClock, gauges, log }
    watch = topologyWatch({
      names: shop.names,
      api,
      counts: world.counts,
      declared,
      services,
      deadLetterAlarm: 1,
      ...rest,
    })
  })
  afterEach(() => world.close())

  const plan = () => compareTopology(world.api, declared)
  const differences = async () => {
    const { missing, different } = await plan()
    return [...missing, ...different].map(({ kind, name }) => `${kind} ${name}`)
  }
  const at = (path: string) => `/api/${path.replace('VHOST', world.vhost)}`
  const said = (text: string) => lines.filter(line => line.includes(text))

  it('finds nothing to do on a broker as it was declared', async () => {
    expect(await differences()).to.deep.equal([])
    await watch.look()
    expect(watch.sees).to.equal(true)
    expect(said('declared again')).to.deep.equal([])
    expect(gauges.text()).to.include('choreo_topology_missing 0')
  })

  const bound = 'bindings/VHOST/e/saga.inboxes/q/payment.inbox/inventory.reserved'
  const between = 'bindings/VHOST/e/saga.events/e/saga.inboxes/inventory.reserved'
  const losses: [string, string, string[], string[]?][] = [
    [
      'a deleted inbox',
      'queues/VHOST/payment.inbox',
      [
        'queue payment.inbox',
        'binding saga.inboxes -> queue payment.inbox by inventory.reserved',
        'binding saga.inboxes -> queue payment.inbox by shipment.refused',
      ],
    ],
    [
      'a removed binding of a queue',
      bound,
      ['binding saga.inboxes -> queue payment.inbox by inventory.reserved'],
    ],
    [
      'a removed binding between exchanges',
      between,
      ['binding saga.events -> exchange saga.inboxes by inventory.reserved'],
    ],
    [
      'a deleted exchange',
      'exchanges/VHOST/saga.dlx',
      [
        'exchange saga.dlx',
        ...participants.map(({ service }) => `binding saga.dlx -> queue ${service}.dlq by ${service}`),
      ],
      // RabbitMQ 4 forgets the rights for the keys of an exchange with it.
      participants.map(({ service }) => `topic permission VHOST-${service} on saga.dlx`),
    ],
    ['a removed policy', 'policies/VHOST/payment.inbox', ['policy payment.inbox']],
  ]
  for (const [what, path, everywhere, since4 = []] of losses)
    it(`repairs ${what}, and names it`, async () => {
      const more = (await brokerVersion()).atLeast(4, 0) ? since4 : []
      const found = [...everywhere, ...more.map(name => name.replace('VHOST', world.vhost))]
      await world.api('DELETE', at(path))
      expect(await differences()).to.have.members(found)
      await watch.look()
      expect(await differences()).to.deep.equal([])
      expect(said('declared again')).to.have.length(found.length)
      expect(gauges.text()).to.include(`choreo_topology_repairs_total ${found.length}`)
    })

  it('gives a user the right back that it lost, without touching its password', async () => {
    const user = `${world.vhost}-payment`
    await world.api('DELETE', at(`permissions/VHOST/${user}`))
    expect(await differences()).to.include(`permission ${user}`)
    await watch.look()
    expect(await differences()).to.deep.equal([])
    const consumer = world
      .as('payment')
      .consumer({ queue: 'payment.inbox', prefetch: 1, onDelivery: () => {} })
    await until('it consumes again', () => consumer.consuming)
    await consumer.close()
  })

  it('says that a user is missing, and makes none, for it knows no password', async () => {
    const user = `${world.vhost}-payment`
    await world.api('DELETE', `/api/users/${user}`)
    await watch.look()
    await watch.look()
    const users = (await world.api('GET', '/api/users')) as { name: string }[]
    expect(users.map(({ name }) => name)).to.not.include(user)
    expect(said('cannot be repaired')).to.have.length(1)
    expect(gauges.text()).to.match(/^choreo_topology_missing [1-9]/m)
    await world.api('PUT', `/api/users/${user}`, { password: 'for the end of the test', tags: '' })
  })

  it('leaves alone what is not ours, and what is other than declared', async () => {
    await world.api('PUT', at('queues/VHOST/theirs'), { durable: true })
    await world.api('DELETE', at('queues/VHOST/payment.dlq'))
    await world.api('PUT', at('queues/VHOST/payment.dlq'), { durable: true })
    await watch.look()
    await watch.look()
    const { different, extra, missing } = await plan()
    expect(extra).to.deep.equal([{ kind: 'queue', name: 'theirs' }])
    expect(different.map(({ name, field }) => [name, field])).to.deep.equal([['payment.dlq', 'arguments']])
    expect(missing).to.deep.equal([])
    expect(said('other than declared')).to.have.length(1)
    expect(said('"name":"theirs"')).to.have.length(1)
  })

  it('raises an alarm above the threshold of dead letters, once, and clears it, once', async () => {
    const deadLetter = {
      ...messageOf(eventOf('inventory.reserved', newOrder())),
      exchange: 'saga.dlx',
      key: 'payment',
    }
    await world.publish(deadLetter)
    await world.publish(deadLetter)
    await until(
      'the figures are there',
      async () => {
        await watch.look()
        return watch.alarms.length > 0
      },
      slow,
    )
    await watch.look()
    expect(said('alarm {"name":"dead letters of payment"')).to.have.length(1)
    expect(gauges.text()).to.include('choreo_dead_letters{service="payment"} 2')
    await world.api('DELETE', at('queues/VHOST/payment.dlq/contents'))
    await until(
      'the alarm is cleared',
      async () => {
        await watch.look()
        return watch.alarms.length === 0
      },
      slow,
    )
    expect(said('alarm cleared')).to.have.length(1)
  })

  it('raises an alarm for a message that no inbox takes', async () => {
    await world.publish({
      ...messageOf(eventOf('inventory.reserved', newOrder())),
      exchange: 'saga.inboxes',
      key: 'x',
    })
    await until(
      'the alarm',
      async () => {
        await watch.look()
        return said('messages that no inbox takes').length > 0
      },
      slow,
    )
    expect(gauges.text()).to.include('choreo_unrouted 1')
  })

  it('brings a deleted inbox back, and its service consumes again by itself', async () => {
    world.start(async () => ({ answer: { outcome: 'captured' } }))
    const captured = async (order: OrderId) => {
      await world.publish(messageOf(eventOf('inventory.reserved', order)))
      await until('it is captured', async () => (await world.store.load(order))?.state.status === 'captured')
    }
    await captured(newOrder())
    await world.api('DELETE', at('queues/VHOST/payment.inbox'))
    await watch.look()
    await captured(newOrder())
  })

  it('says that it sees nothing when the broker does not let it look', async () => {
    const note = (message: string, fields = {}) => void lines.push(`${message} ${JSON.stringify(fields)}`)
    const log: Log = { info: note, warn: note, error: note }
    const api = managementApi({ ...(await rabbitmq()), adminPassword: 'hush-wrong' })
    const rest = { recovery: noRecovery, clock: systemClock, gauges, log }
    const blind = topologyWatch({
      names: shop.names,
      api,
      declared,
      services: [],
      deadLetterAlarm: 1,
      ...rest,
    })
    await blind.look()
    expect(blind.sees).to.equal(false)
    const [line = '', ...more] = said('could not be looked at')
    expect(line).to.match(
      /^the broker could not be looked at \{"code":"broker-refused","error":"user .* or its password is wrong/,
    )
    expect(more).to.deep.equal([])
  })
})
