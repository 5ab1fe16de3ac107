import { expect } from 'chai'
import { until } from '../../../messaging/messages.ts'
import { cancelledStory, freshOrder } from '../entries.ts'
import { openPrivatePort, type PrivatePort } from './private-port.ts'
import { eventsOf, listen } from './streamed.ts'

describe('the private port of tracking', () => {
  let port: PrivatePort
  const open = async (options?: Parameters<typeof openPrivatePort>[0]) => {
    port = await openPrivatePort(options)
    return port
  }
  afterEach(() => port.close())
  const json = async (path: string) =>
    (await fetch(port.url + path)).json() as Promise<Record<string, unknown>>

  it('[I31] says with every list and timeline up to when it is complete, and in its readiness and lag too', async () => {
    await open()
    const asOf = '2030-01-01T00:00:00.000Z'
    for (const path of ['/orders', `/orders/${freshOrder()}/timeline`, '/lag'])
      expect(await json(path), path).to.include({ asOf })
    expect(await json('/readyz')).to.deep.equal({ status: 'ready', details: { asOf, lagSeconds: 5 } })
  })

  it('tells of an order that the journal has not told of yet that there are no steps so far', async () => {
    await open()
    const orderId = freshOrder()
    const story = await json(`/orders/${orderId}/timeline`)
    expect(story).to.deep.include({ orderId, status: null, steps: [], awaiting: [] })
    expect((await fetch(`${port.url}/orders/nonsense/timeline`)).status).to.equal(404)
  })

  it('shows who is awaited and whether that is overdue', async () => {
    await open()
    const orderId = freshOrder()
    await port.tell(orderId, cancelledStory(orderId).slice(0, 2))
    const { awaiting } = await json(`/orders/${orderId}/timeline`)
    expect(awaiting).to.deep.equal([
      {
        ...{ service: 'payment', events: ['payment.captured', 'payment.declined'], withinMs: 10_000 },
        ...{ since: '2030-01-01T00:00:01.000Z', overdue: Date.now() > Date.UTC(2030, 0, 1, 0, 0, 11) },
      },
    ])
  })

  it('says that it cannot read when its store is away, and begins a rebuild when it is told to', async () => {
    await open()
    port.storeAway(true)
    expect((await fetch(`${port.url}/orders`)).status).to.equal(503)
    const rebuilding = await fetch(`${port.url}/rebuild`, { method: 'POST' })
    expect([rebuilding.status, await rebuilding.json()]).to.deep.equal([
      202,
      { generation: 2, state: 'building' },
    ])
  })

  it('streams what comes while it listens, each entry once, whatever the portions', async () => {
    await open()
    const orderId = freshOrder()
    const story = cancelledStory(orderId)
    const listener = await listen(`${port.url}/orders/${orderId}/events`)
    for (const [i, entry] of story.entries()) {
      await port.tell(orderId, [entry])
      if (i % 3 === 0) await until('the event', () => listener.events().some(({ id }) => id === entry.id))
    }
    await listener.ended
    expect(listener.events().map(({ id, event }) => id ?? event)).to.deep.equal([
      ...story.map(({ id }) => id),
      'end',
    ])
    expect(listener.events()[0]).to.deep.include({ event: 'order.placed', data: { ...story[0] } })
  })

  it('keeps an idle stream alive with comments, and goes on when the store comes back', async () => {
    await open({ heartbeatMs: 20 })
    const orderId = freshOrder()
    const story = cancelledStory(orderId)
    const listener = await listen(`${port.url}/orders/${orderId}/events`)
    await until('two comments', () => listener.text().split(': still here').length > 2)
    port.storeAway(true)
    await port.tell(orderId, story)
    port.storeAway(false)
    await listener.ended
    expect(listener.events()).to.have.lengthOf(story.length + 1)
  })

  it('sends everything again to a client whose last event it does not know', async () => {
    await open()
    const orderId = freshOrder()
    await port.tell(orderId, cancelledStory(orderId))
    const { events } = await eventsOf(`${port.url}/orders/${orderId}/events`, {
      'last-event-id': 'unheard-of',
    })
    expect(events).to.have.lengthOf(9)
  })

  it('bounds the streams, and gives the place of a client that left to the next one', async () => {
    await open({ most: 1 })
    const url = `${port.url}/orders/${freshOrder()}/events`
    const first = await listen(url)
    expect((await fetch(url)).status).to.equal(503)
    first.leave()
    let next: Awaited<ReturnType<typeof listen>> | undefined
    await until('a place', async () => {
      next = await listen(url)
      return next.status === 200
    })
    port.endStreams()
    await next?.ended
  })
})
