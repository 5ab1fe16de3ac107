import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { participants, shopTopology } from '../../../rabbitmq/participants.ts'
import { events, shop } from '../../../services/contract/shop.ts'
import { renderDefinitions } from '../../../shared/messaging/topology/definitions.ts'
import { waits } from '../../../shared/messaging/topology/names.ts'
import {
  mayRead,
  mayWrite,
  routeOf,
  settingsOf,
  topicMatches,
} from '../../../shared/messaging/topology/routing.ts'
import { systemRandom } from '../../../shared/runtime/random.ts'

const topology = shopTopology()
const services = participants.map(({ service }) => service)

describe('the topology', () => {
  for (const { type } of events)
    it(`takes ${type} to the journal and to the inboxes of those who hear it`, () => {
      const hearers = participants.filter(one => one.subscribes.includes(type)).map(one => one.service)
      expect(routeOf(topology, 'saga.events', type)).to.have.keys(
        'saga.journal',
        ...hearers.map(service => `${service}.inbox`),
      )
    })

  it('lets nothing that reaches the inboxes get lost: what none takes is kept', () => {
    expect(routeOf(topology, 'saga.inboxes', 'order.heard-by-nobody')).to.have.keys('saga.unrouted')
    const unbound = { ...topology, bindings: topology.bindings.filter(one => one.to === 'exchange') }
    expect([...(routeOf(unbound, 'saga.events', 'order.placed') ?? [])]).to.deep.equal([])
  })

  it('returns what waits to the inbox it came from, and to nobody else', () => {
    for (const ms of waits) {
      expect(routeOf(topology, shop.names.waitOf(ms), 'payment.inbox')).to.have.keys(shop.names.waitOf(ms))
      const settings = settingsOf(topology, shop.names.waitOf(ms))
      expect(settings).to.include({
        ...{ 'message-ttl': ms, 'dead-letter-exchange': '' },
        ...{ 'dead-letter-strategy': 'at-least-once', overflow: 'reject-publish' },
      })
      expect(settings).to.not.have.property('dead-letter-routing-key')
    }
    expect(routeOf(topology, '', 'payment.inbox')).to.have.keys('payment.inbox')
  })

  it('parks what came back too often with its own service', () => {
    for (const service of services) {
      const inbox = settingsOf(topology, `${service}.inbox`)
      const parking = routeOf(
        topology,
        String(inbox['dead-letter-exchange']),
        String(inbox['dead-letter-routing-key']),
      )
      expect(parking).to.have.keys(`${service}.dlq`)
      expect(inbox).to.include({ 'delivery-limit': 50, 'dead-letter-strategy': 'at-least-once' })
      expect(settingsOf(topology, `${service}.dlq`)['delivery-limit']).to.be.above(1_000_000)
    }
  })

  it('declares each name once, and only quorum queues and the journal', () => {
    const all = [topology.queues, topology.exchanges].map(things => things.map(({ name }) => name))
    for (const names of all) expect(new Set(names).size).to.equal(names.length)
    const types = topology.queues.map(queue => queue.arguments['x-queue-type'])
    expect(types.filter(type => type !== 'quorum')).to.deep.equal(['stream'])
    expect(new Set(topology.policies.map(({ queue }) => queue)).size).to.equal(topology.policies.length)
  })

  it('lets only the owner publish an event, and only the own inbox be read', () => {
    for (const { type, owner } of events)
      expect(services.filter(service => mayWrite(topology, service, 'saga.events', type))).to.deep.equal([
        owner,
      ])
    for (const service of services)
      expect(services.filter(other => mayRead(topology, other, `${service}.inbox`))).to.deep.equal([service])
  })

  it('treats the dots of names as dots', () => {
    expect(mayWrite(topology, 'order', 'saga.events', 'orderxplaced')).to.equal(false)
    expect(mayWrite(topology, 'order', 'sagaxevents', 'order.placed')).to.equal(false)
    expect(mayRead(topology, 'order', 'orderxinbox')).to.equal(false)
    expect(mayRead(topology, 'order', 'order.inbox.more')).to.equal(false)
  })
})

describe('topic patterns', () => {
  const cases: [string, string, boolean][] = [
    ['order.placed', 'order.placed', true],
    ['order.placed', 'order.placed.now', false],
    ['order.*', 'order.placed', true],
    ['order.*', 'order', false],
    ['*.placed', 'order.placed', true],
    ['#', '', true],
    ['#', 'a.b.c', true],
    ['a.#', 'a', true],
    ['a.#.c', 'a.b.b.c', true],
    ['a.#.c', 'a.b.b', false],
    ['#.c', 'c', true],
  ]
  for (const [pattern, key, expected] of cases)
    it(`${pattern} ${expected ? 'takes' : 'does not take'} "${key}"`, () => {
      expect(topicMatches(pattern, key)).to.equal(expected)
    })
})

describe('definitions', () => {
  it('hold no secret unless one is given, and then a salted hash', () => {
    const hashes = (renderDefinitions(topology).users ?? []).map(user => user.password_hash)
    expect(new Set(hashes)).to.deep.equal(new Set(['']))
    const secrets = { passwords: { order: 'hush' }, random: systemRandom }
    const [order] = renderDefinitions(topology, { secrets }).users ?? []
    const hash = Buffer.from(String(order?.password_hash), 'base64')
    const digest = createHash('sha256').update(hash.subarray(0, 4)).update('hush').digest()
    expect(hash.subarray(4).equals(digest)).to.equal(true)
  })

  it('use nothing that RabbitMQ 3.10 or 4 does not know', () => {
    const { policies = [], queues = [] } = renderDefinitions(topology)
    expect(new Set(policies.map(policy => policy['apply-to']))).to.deep.equal(new Set(['queues']))
    const keys = policies.flatMap(policy => Object.keys(policy.definition as object))
    expect(new Set(keys)).to.deep.equal(
      new Set([
        ...['delivery-limit', 'dead-letter-exchange', 'dead-letter-routing-key', 'dead-letter-strategy'],
        ...['overflow', 'max-length', 'max-age'],
      ]),
    )
    for (const queue of queues) expect(queue).to.include({ durable: true, auto_delete: false })
  })
})
