import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { anOrder } from '../../../../../harness/an-order.ts'
import type { OrderId } from '../../../../../services/contract/ids.ts'
import { trackingFrom } from '../../../../../services/order/api/tracking-reader.ts'
import { systemClock } from '../../../../../shared/runtime/time/clock.ts'
import { projectFolder } from '../../../../../system/project.ts'
import { openPrivatePort, type PrivatePort } from '../../../tracking/api/private-port.ts'
import { listen } from '../../../tracking/api/streamed.ts'
import { cancelledStory } from '../../../tracking/entries.ts'
import { closeApis, type OpenApi, openApi } from '../api-server.ts'
import { ada, as, config, olga, operator, stock } from '../api-with-keys.ts'
import { faultOf, mustBeDocumented, operationFor, operations, resolved } from './documented.ts'

describe('the public API, asked what it is', () => {
  afterEach(closeApis)

  it('answers without a key with the document of docs/reference', async () => {
    const door = await openApi({ config })
    const { status, headers, json } = await door.send('GET', '/openapi.json')
    expect([status, headers.get('content-type')]).to.deep.equal([200, 'application/json'])
    expect(json).to.deep.equal(
      JSON.parse(readFileSync(`${projectFolder}/docs/reference/openapi.json`, 'utf8')) as object,
    )
    for (const key of ['Bearer nonsense', `Bearer ${ada.key}`])
      expect(
        (await door.send('GET', '/openapi.json?x=1', { headers: { authorization: key } })).status,
      ).to.equal(200)
    expect((await door.send('HEAD', '/openapi.json')).status).to.equal(200)
  })

  it('lets nobody in by a path or a method that is like it', async () => {
    const door = await openApi({ config })
    for (const path of [
      '/openapi.json/',
      '/OpenAPI.json',
      '/openapi%2Ejson',
      '//openapi.json',
      '/openapi.json%2F..%2Forders',
    ])
      expect([path, (await door.send('GET', path)).status]).to.deep.equal([path, 401])
    expect((await door.send('POST', '/openapi.json')).status).to.equal(401)
  })
})

describe('every yes of the public API', () => {
  let port: PrivatePort
  let door: OpenApi
  const seen = new Set<string>()

  beforeEach(async () => {
    port = await openPrivatePort()
    const tracking = trackingFrom(port.url, { clock: systemClock })
    door = await openApi({ config, tracking, operator, stock: async () => stock })
  })
  afterEach(async () => {
    await closeApis()
    await port.close()
  })

  const ask = async (method: string, path: string, body?: object) => {
    const headers = { ...as(olga), ...(body && { 'content-type': 'application/json' }) }
    const response = await fetch(door.url + path, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    mustBeDocumented(method, path, { status: response.status, headers: response.headers, text })
    seen.add(`${operationFor(method, path)?.operationId} ${response.status}`)
    return text
  }
  const place = async () =>
    (JSON.parse(await ask('POST', '/orders', anOrder())) as { orderId: OrderId }).orderId

  it('is as the document says, about orders', async () => {
    const orderId = await place()
    await ask('GET', `/orders/${orderId}`)
    await ask('POST', `/orders/${orderId}/cancel`)
    const order = door.desk.orders.get(orderId)
    const ended = {
      status: 'cancelled',
      reason: 'cancel-requested',
      erasedAt: '2030-01-01T00:00:00.000Z',
    } as const
    if (order) door.desk.orders.set(orderId, { ...order, ...ended, trackingNumber: 'T-1', awaiting: [] })
    await ask('GET', `/orders/${orderId}`)
    await ask('POST', `/orders/${orderId}/erase`)
    await ask('POST', `/orders/${orderId}/resolve`, {
      ...{ service: 'payment', answer: 'refunded', by: 'Olga', why: 'the card is closed' },
      outside: 'bank transfer 17',
    })
  })

  it('is as the document says, about stories', async () => {
    const orderId = await place()
    await ask('GET', `/orders/${orderId}/timeline`)
    const story = cancelledStory(orderId)
    const lost = story.filter(({ type }) => type !== 'inventory.reserved')
    for (const entries of [lost.slice(0, 2), lost, story]) {
      await port.tell(orderId, entries)
      await ask('GET', `/orders/${orderId}/timeline`)
      await ask('GET', '/orders?olderThan=1s')
      await ask('GET', '/orders?limit=1&status=cancelled')
    }
    const text = await ask('GET', `/orders/${orderId}/events`)
    const url = `${door.url}/orders/${orderId}/events`
    const last = text.match(/(?<=^id: ).*$/gm)?.at(-1) ?? ''
    const over = await listen(url, { ...as(olga), 'last-event-id': last })
    seen.add(`streamEvents ${over.status}`)
    const content = resolved(operationFor('GET', `/orders/${orderId}/events`)?.responses[200])?.content
    const data = text.match(/(?<=^data: ).*$/gm) ?? []
    expect(data).to.have.lengthOf(story.length + 1)
    for (const one of data)
      expect(faultOf(content?.['text/event-stream']?.['x-event-data'] ?? {}, JSON.parse(one)), one).to.equal(
        undefined,
      )
  })

  it('is as the document says, about stock and about itself', async () => {
    await ask('GET', '/catalogue')
    await ask('GET', '/stock/SKU-0')
    await ask('POST', '/stock/SKU-0/restock', { units: 5 })
    await ask('GET', '/openapi.json')
  })

  it('was seen above', () => {
    const documented = operations.flatMap(({ operationId, responses }) =>
      Object.keys(responses)
        .filter(status => Number(status) < 400)
        .map(status => `${operationId} ${status}`),
    )
    expect([...seen]).to.have.members(documented)
  })

  it('is refused by this test when it is other than the document says', () => {
    const headers = (more: Record<string, string> = {}) =>
      new Headers({ 'content-type': 'application/json', 'x-request-id': 'x', ...more })
    const receipt = { orderId: `ord_${'0'.repeat(26)}`, status: 'placed', total: 1 }
    const location = { location: '/orders/x' }
    const wrong: [number, Headers, object][] = [
      [200, headers(location), receipt],
      [202, headers(), receipt],
      [202, headers({ ...location, 'content-type': 'text/plain' }), receipt],
      [202, headers(location), { ...receipt, token: 'tok_approve' }],
      [202, headers(location), { ...receipt, total: '1' }],
    ]
    const check = (status: number, given: Headers, body: object) => () =>
      mustBeDocumented('POST', '/orders', { status, headers: given, text: JSON.stringify(body) })
    expect(check(202, headers(location), receipt)).to.not.throw()
    for (const [status, given, body] of wrong) expect(check(status, given, body)).to.throw(/does not/)
  })
})
