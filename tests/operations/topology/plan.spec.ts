import { expect } from 'chai'
import { shopTopology } from '../../../rabbitmq/participants.ts'
import { shop } from '../../../services/contract/shop.ts'
import { type Definitions, renderDefinitions } from '../../../shared/messaging/topology/definitions.ts'
import { alarmsOf, changedAlarms, readingsOf } from '../../../shared/operations/topology/alarms.ts'
import { textGauges } from '../../../shared/operations/topology/gauges.ts'
import { planTopology } from '../../../shared/operations/topology/plan.ts'
import { planForVhost } from '../../../shared/operations/topology/topology.ts'

const queue = (name: string, ready: number, unacknowledged = 0) => ({
  ...{ name, ready, unacknowledged, consumers: 1 },
})
const declared = renderDefinitions(shopTopology())
const nothing = { missing: [], different: [], extra: [] }
const without = (
  section: string,
  gone: (one: Readonly<Record<string, unknown>>) => boolean,
): Definitions => ({
  ...declared,
  [section]: (declared[section] ?? []).filter(one => !gone(one)),
})
const missing = (live: Definitions) =>
  planTopology(declared, live).missing.map(({ kind, name }) => `${kind} ${name}`)

describe('the plan of a topology', () => {
  it('has nothing to do for a broker that is as declared', () => {
    expect(planTopology(declared, declared)).to.deep.equal(nothing)
  })

  const losses: [string, string, (one: Readonly<Record<string, unknown>>) => boolean][] = [
    ['exchange saga.dlx', 'exchanges', ({ name }) => name === 'saga.dlx'],
    ['queue payment.inbox', 'queues', ({ name }) => name === 'payment.inbox'],
    ['policy payment.inbox', 'policies', ({ name }) => name === 'payment.inbox'],
    ['permission payment', 'permissions', ({ user }) => user === 'payment'],
    [
      'topic permission payment on saga.dlx',
      'topic_permissions',
      ({ user, exchange }) => user === 'payment' && exchange === 'saga.dlx',
    ],
    ['user payment', 'users', ({ name }) => name === 'payment'],
    ['vhost choreo', 'vhosts', () => true],
    [
      'binding saga.inboxes -> queue payment.inbox by inventory.reserved',
      'bindings',
      one => one.destination === 'payment.inbox' && one.routing_key === 'inventory.reserved',
    ],
    [
      'binding saga.events -> exchange saga.inboxes by inventory.reserved',
      'bindings',
      one => one.destination === 'saga.inboxes' && one.routing_key === 'inventory.reserved',
    ],
    [
      'binding saga.unrouted -> queue saga.unrouted by ""',
      'bindings',
      ({ source }) => source === 'saga.unrouted',
    ],
  ]
  for (const [what, section, gone] of losses)
    it(`names a missing ${what}, and nothing else`, () => {
      expect(missing(without(section, gone))).to.deep.equal([what])
    })

  it('says what differs, field by field, and does not count it as missing', () => {
    const change = (section: string, name: string, fields: object) => ({
      ...declared,
      [section]: (declared[section] ?? []).map(one => (one.name === name ? { ...one, ...fields } : one)),
    })
    const classic = change('queues', 'payment.inbox', { arguments: { 'x-queue-type': 'classic' } })
    expect(planTopology(declared, classic)).to.deep.equal({
      ...nothing,
      different: [
        {
          ...{ kind: 'queue', name: 'payment.inbox', field: 'arguments' },
          ...{ declared: { 'x-queue-type': 'quorum' }, live: { 'x-queue-type': 'classic' } },
        },
      ],
    })
    const fanout = planTopology(declared, change('exchanges', 'saga.events', { type: 'fanout' }))
    expect(fanout.different.map(({ name, field }) => [name, field])).to.deep.equal([['saga.events', 'type']])
  })

  it('names the rights of strangers in the vhost, but not those of who administers the broker', () => {
    const rights = (user: string) => ({ user, vhost: 'choreo', configure: '.*', write: '.*', read: '.*' })
    const definitions = {
      ...declared,
      users: [
        ...(declared.users ?? []),
        { name: 'boss', tags: ['administrator'] },
        { name: 'guest', tags: [] },
      ],
      permissions: [...(declared.permissions ?? []), rights('boss'), rights('guest')],
    }
    const queues = (declared.policies ?? []).map(({ name }) => ({
      ...queue(`${name}`, 0),
      policy: `${name}`,
    }))
    const plan = planForVhost(declared, { definitions, queues, operatorPolicies: [] })
    expect(plan).to.deep.equal({
      ...nothing,
      overruled: [],
      notInForce: [],
      extra: [{ kind: 'permission', name: 'guest' }],
    })
  })

  describe('when others have policies', () => {
    const name = 'payment.inbox'
    const ours = declared.policies?.find(one => one.name === name) ?? {}
    const theirs = (priority: number) => ({
      ...{ vhost: 'choreo', name: 'theirs', pattern: '.*', 'apply-to': 'all', priority },
      definition: { 'max-in-memory-length': 7 },
    })
    const overruled = (holds: string, their: number, our = 0) => {
      const policies = [{ ...ours, priority: our }, theirs(their)]
      const live = { ...declared, policies }
      const found = planForVhost(
        { ...declared, policies: [ours] },
        { definitions: live, queues: [{ ...queue(name, 0), policy: holds }], operatorPolicies: [] },
      )
      expect(found.different).to.deep.equal([])
      return found.overruled.map(({ definition }) => definition.priority)
    }

    it('raises one of ours that does not hold, and one that holds by chance', () => {
      expect(overruled('theirs', 3)).to.deep.equal([4])
      expect(overruled(name, 0)).to.deep.equal([1])
    })

    it('leaves one that stands above, and one above which stands only what cannot hold for its queue', () => {
      expect(overruled(name, 3, 4)).to.deep.equal([])
      expect(overruled(name, 9, 4)).to.deep.equal([])
      expect(overruled(name, -1)).to.deep.equal([])
    })
  })

  it('says what is extra, and nothing is to be done about it', () => {
    const foreign = { vhost: 'choreo', name: 'theirs', durable: true, auto_delete: false, arguments: {} }
    const plan = planTopology(declared, { ...declared, queues: [...(declared.queues ?? []), foreign] })
    expect(plan).to.deep.equal({ ...nothing, extra: [{ kind: 'queue', name: 'theirs' }] })
  })
})

describe('alarms', () => {
  const at = (dead: number, unrouted = 0) =>
    alarmsOf(
      readingsOf(shop.names, ['payment'], [queue('payment.dlq', dead), queue('saga.unrouted', unrouted)]),
      100,
    )

  it('are raised above 100 dead letters, and for the first message that no inbox takes', () => {
    expect(at(100)).to.deep.equal([])
    expect(at(101).map(({ name, count }) => [name, count])).to.deep.equal([['dead letters of payment', 101]])
    expect(at(0, 1).map(({ name }) => name)).to.deep.equal(['messages that no inbox takes'])
  })

  it('count what somebody is looking at, too', () => {
    const readings = readingsOf(shop.names, ['payment'], [queue('payment.dlq', 60, 60)])
    expect(alarmsOf(readings, 100)).to.have.length(1)
  })

  const unknown = (name: string) => ({
    name,
    ready: undefined,
    unacknowledged: undefined,
    consumers: undefined,
  })

  it('are neither raised nor cleared by what is unknown, which is an alarm itself', () => {
    const raised = at(101, 1)
    const queues = [unknown('payment.dlq'), unknown('saga.unrouted'), queue('payment.inbox', 0)]
    const readings = readingsOf(shop.names, ['payment'], queues)
    expect(readings).to.deep.equal({
      services: [{ service: 'payment', inboxReady: 0, inboxConsumers: 1 }],
      ...{ unrouted: undefined, unknown: ['payment.dlq', 'saga.unrouted'] },
    })
    const itself = { name: 'queues whose figures are unknown', count: 2, limit: 0 }
    expect(alarmsOf(readings, 100, raised)).to.deep.equal([...raised, itself])
    expect(alarmsOf(readings, 100)).to.deep.equal([itself])
  })

  it('are said once when they begin and once when they end', () => {
    const said = [at(0), at(101), at(150), at(101), at(7)].map((now, i, all) => {
      const { raised, cleared } = changedAlarms(all[i - 1] ?? [], now)
      return [raised.length, cleared.length]
    })
    expect(said).to.deep.equal([
      [0, 0],
      [1, 0],
      [0, 0],
      [0, 0],
      [0, 1],
    ])
  })
})

describe('the figures of the topology watch', () => {
  it('are in the text format of Prometheus, the last value of each', () => {
    const gauges = textGauges()
    gauges.set('choreo_dead_letters', 1, { service: 'payment' })
    gauges.set('choreo_dead_letters', 2, { service: 'payment' })
    gauges.add('choreo_topology_repairs_total', 2)
    gauges.add('choreo_topology_repairs_total', 1)
    expect(gauges.text().split('\n')).to.deep.equal([
      '# HELP choreo_dead_letters Messages in the dead-letter queue, by service.',
      '# TYPE choreo_dead_letters gauge',
      'choreo_dead_letters{service="payment"} 2',
      '# HELP choreo_topology_repairs_total What was declared again, or raised above a policy of others, since the start.',
      '# TYPE choreo_topology_repairs_total counter',
      'choreo_topology_repairs_total 3',
      '',
    ])
  })
})
