import { expect } from 'chai'
import { participants, shopTopology } from '../../../rabbitmq/participants.ts'
import { events } from '../../../services/contract/shop.ts'
import { awaitable } from '../../../services/private-calls/order-list.ts'
import { steps } from '../../../services/tracking/flow.ts'
import { mayRead, mayWrite } from '../../../shared/messaging/topology/routing.ts'

const topology = shopTopology()

describe('tracking, beside the services that react', () => {
  it('may read the journal and no other queue, and publish nothing anywhere', () => {
    const readable = topology.queues
      .map(({ name }) => name)
      .filter(name => mayRead(topology, 'tracking', name))
    expect(readable).to.deep.equal(['saga.journal'])
    for (const { name } of topology.exchanges)
      for (const key of [...events.map(({ type }) => type), 'tracking.parked', 'tracking'])
        expect(mayWrite(topology, 'tracking', name, key), `${name} ${key}`).to.equal(false)
    expect(topology.users.find(({ name }) => name === 'tracking')).to.include({
      configure: '^$',
      write: '^$',
    })
  })

  it('is the only reader of the journal, and has no inbox of its own', () => {
    const readers = participants.filter(({ service }) => mayRead(topology, service, 'saga.journal'))
    expect(readers).to.deep.equal([])
    expect(topology.queues.map(({ name }) => name)).to.not.include('tracking.inbox')
  })

  it('can be asked for every service and for every event that somebody waits for', () => {
    const unasked = ['order.placed', 'order.cancel-requested']
    const types = events.map(({ type }) => type).filter(type => !unasked.includes(type))
    const saying = participants.filter(({ publishes }) => publishes.length > 0)
    expect(awaitable).to.have.members([...types, ...saying.map(({ service }) => service)])
    const awaited = steps.flatMap(({ service, says }) => [service, ...says])
    expect(awaitable).to.include.members(awaited)
  })
})
