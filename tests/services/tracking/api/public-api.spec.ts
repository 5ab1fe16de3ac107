import { expect } from 'chai'
import { anOrder } from '../../../../harness/an-order.ts'
import type { OrderId } from '../../../../services/contract/ids.ts'
import { trackingFrom } from '../../../../services/order/api/tracking-reader.ts'
import type { Entry } from '../../../../services/tracking/entry.ts'
import { systemClock } from '../../../../shared/runtime/time/clock.ts'
import { until } from '../../../messaging/messages.ts'
import { closeApis, keyOf, type OpenApi, openApi } from '../../order/api/api-server.ts'
import { cancelledStory } from '../entries.ts'
import { openPrivatePort, type PrivatePort } from './private-port.ts'
import { listen } from './streamed.ts'

const [ada, bob, eve] = [keyOf('ada'), keyOf('bob'), keyOf('eve')]
const as = ({ key }: { key: string }) => ({ authorization: `Bearer ${key}` })
const config = { CHOREO_CALLER_KEYS: [ada.holder, bob.holder], CHOREO_OPERATOR_KEYS: [eve.holder] }

describe('the public API, asked for what tracking knows', () => {
  let port: PrivatePort
  let door: OpenApi
  beforeEach(async () => {
    port = await openPrivatePort()
    door = await openApi({ config, tracking: trackingFrom(port.url, { clock: systemClock }) })
  })
  afterEach(async () => {
    await closeApis()
    await port.close()
  })

  /** Places an order as somebody, and tells tracking so. */
  const placedBy = async (who: { key: string; holder: { name: string } }, steps = 8) => {
    const { json } = await door.send('POST', '/orders', { body: anOrder(), headers: as(who) })
    const orderId = json.orderId as OrderId
    const [placed, ...rest] = cancelledStory(orderId) as [Entry, ...Entry[]]
    const data = { ...placed.data, caller: who.holder.name }
    await port.tell(orderId, [{ ...placed, data }, ...rest].slice(0, steps))
    return orderId
  }
  const listed = async (who: { key: string }, query = '') => {
    const { json } = await door.send('GET', `/orders${query}`, { headers: as(who) })
    return (json.orders as { orderId: string }[]).map(({ orderId }) => orderId)
  }

  it('lists to a caller its own orders and to an operator all', async () => {
    const [hers, his] = [await placedBy(ada), await placedBy(bob)]
    expect(await listed(ada)).to.deep.equal([hers])
    expect(await listed(bob, '?status=cancelled')).to.deep.equal([his])
    expect(await listed(eve)).to.have.members([hers, his])
    expect(await listed(eve, '?caller=ada')).to.deep.equal([hers])
  })

  it('lets no caller ask for the orders of another', async () => {
    await placedBy(ada)
    for (const query of ['?caller=ada', '?caller=bob&caller=ada', '?status=placed&caller=ada']) {
      const { status, json } = await door.send('GET', `/orders${query}`, { headers: as(bob) })
      expect(status).to.equal(400)
      expect(JSON.stringify(json.errors)).to.include('"field":"caller"')
    }
  })

  it('shows the story of an order to its caller and to operators, and to others that there is none', async () => {
    const orderId = await placedBy(ada)
    for (const route of ['timeline', 'events']) {
      const path = `/orders/${orderId}/${route}`
      const statusFor = async (who: { key: string }) =>
        (await fetch(door.url + path, { headers: as(who) })).status
      expect([await statusFor(ada), await statusFor(eve), await statusFor(bob)]).to.deep.equal([
        200, 200, 404,
      ])
      expect((await fetch(door.url + path)).status).to.equal(401)
    }
  })

  it('passes on which parameters are wrong and what was expected', async () => {
    const { status, json } = await door.send('GET', '/orders?limit=0&colour=red', { headers: as(ada) })
    expect(status).to.equal(400)
    expect(json).to.include({ code: 'fields-invalid' })
    expect((json.errors as { field: string }[]).map(({ field }) => field)).to.deep.equal(['limit', 'colour'])
  })

  it('says 503 with Retry-After to these routes alone when tracking is down or cannot read', async () => {
    const orderId = await placedBy(ada)
    const refusals = async () => {
      for (const path of ['/orders', `/orders/${orderId}/timeline`, `/orders/${orderId}/events`]) {
        const { status, headers, json } = await door.send('GET', path, { headers: as(ada) })
        expect(status, path).to.equal(503)
        expect(headers.get('content-type')).to.equal('application/problem+json')
        expect(Number(headers.get('retry-after'))).to.be.above(0)
        expect(json).to.include({ code: 'tracking-unavailable' })
      }
    }
    port.storeAway(true)
    await refusals()
    await port.close()
    await refusals()
    expect((await door.send('GET', `/orders/${orderId}`, { headers: as(ada) })).status).to.equal(200)
    const again = await door.send('POST', '/orders', { body: anOrder(), headers: as(ada) })
    expect(again.status).to.equal(202)
  })

  it('passes the events on as they come, and from where a client left off', async () => {
    const orderId = await placedBy(ada, 3)
    const story = cancelledStory(orderId)
    const url = `${door.url}/orders/${orderId}/events`
    const listener = await listen(url, as(ada))
    await until('what was told', () => listener.events().length === 3)
    await port.tell(orderId, story.slice(3))
    await listener.ended
    expect(listener.events().map(({ id }) => id)).to.deep.equal([...story.map(({ id }) => id), undefined])
    const rest = await listen(url, { ...as(ada), 'last-event-id': story[5]?.id ?? '' })
    await rest.ended
    expect(rest.events().map(({ id }) => id)).to.deep.equal([story[6]?.id, story[7]?.id, undefined])
    const over = await listen(url, { ...as(ada), 'last-event-id': story[7]?.id ?? '' })
    expect(over.status).to.equal(204)
  })

  it('bounds the streams of one caller, leaves room for others, and frees the place of who left', async () => {
    const [hers, his] = [await placedBy(ada, 2), await placedBy(bob, 2)]
    const open = (who: { key: string }, orderId: string) =>
      listen(`${door.url}/orders/${orderId}/events`, as(who))
    const listeners = await Promise.all(Array.from({ length: 32 }, () => open(ada, hers)))
    expect(new Set(listeners.map(({ status }) => status))).to.deep.equal(new Set([200]))
    expect((await open(ada, hers)).status).to.equal(429)
    expect((await open(bob, his)).status).to.equal(200)
    listeners[0]?.leave()
    await until('a place', async () => (await open(ada, hers)).status === 200)
  })

  it('ends its streams when it closes, so that their clients come back to another instance', async () => {
    const orderId = await placedBy(ada, 2)
    const listener = await listen(`${door.url}/orders/${orderId}/events`, as(ada))
    await until('what was told', () => listener.events().length === 2)
    await door.door.drain()
    await listener.ended
    expect(listener.events()).to.have.lengthOf(2)
  })

  it('breaks a stream off when tracking ends in the middle, and does not hold its place', async () => {
    const orderId = await placedBy(ada, 2)
    const listener = await listen(`${door.url}/orders/${orderId}/events`, as(ada))
    await port.close()
    await listener.ended
    expect(listener.events().at(-1)?.event).to.not.equal('end')
  })

  it('keeps no place for a stream that could not begin', async () => {
    const orderId = await placedBy(ada, 2)
    await port.close()
    const path = `/orders/${orderId}/events`
    for (let i = 0; i < 40; i++)
      expect((await door.send('GET', path, { headers: as(ada) })).json).to.include({
        code: 'tracking-unavailable',
      })
  })

  it('answers HEAD without a stream', async () => {
    const orderId = await placedBy(ada, 2)
    const head = await fetch(`${door.url}/orders/${orderId}/events`, { method: 'HEAD', headers: as(ada) })
    expect([head.status, head.headers.get('content-type')]).to.deep.equal([200, 'text/event-stream'])
  })
})
