import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { projectFolder } from '../../local/project.ts'
import { participants } from '../../rabbitmq/participants.ts'
import { steps } from '../../services/tracking/flow.ts'
import { trackingRoutes } from '../../services/tracking/routes.ts'
import { awaitable } from '../../shared/contract/order-list.ts'
import { events } from '../../shared/contract/registry.ts'
import { mayRead, mayWrite } from '../../shared/messaging/routing.ts'
import { topologyOf } from '../../shared/messaging/topology.ts'

const topology = topologyOf(participants)

describe('tracking, on one page', () => {
  it('has just the routes that its page names', () => {
    const page = readFileSync(join(projectFolder, 'services/tracking/README.md'), 'utf8')
    const named = [...page.matchAll(/^\| `(GET|POST) ([^`]+)` \|/gm)].map(([, method, path]) =>
      method === 'GET' ? path : `POST ${path}`,
    )
    const closing = new AbortController().signal
    expect(Object.keys(trackingRoutes({ closing } as never))).to.deep.equal(named)
  })

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
    expect(awaitable).to.have.members([...types, ...participants.map(({ service }) => service)])
    const awaited = steps.flatMap(({ service, says }) => [service, ...says])
    expect(awaitable).to.have.members([...new Set(awaited)])
  })
})
