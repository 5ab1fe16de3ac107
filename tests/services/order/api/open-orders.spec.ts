import { expect } from 'chai'
import { anOrder } from '../../../../harness/an-order.ts'
import { OrderId } from '../../../../services/contract/ids.ts'
import { countedOrders } from '../counted-orders.ts'
import { closeApis, type OpenApi, openApi } from './api-server.ts'
import { rawClient } from './raw-client.ts'

const place = (door: OpenApi, headers: Record<string, string> = {}) =>
  door.send('POST', '/orders', { body: anOrder(), headers })

/** A door before a saga that ends no order by itself. */
const doorTo = async (limit: number) => {
  const own = countedOrders(limit).instance()
  const door = await openApi({ orders: own.desk, openOrders: own.open })
  return { door, own }
}

describe('the public API, before a saga that ends no order', () => {
  afterEach(closeApis)

  it('takes exactly the limit, and tells all others at once when to come back', async () => {
    const { door } = await doorTo(5)
    const answers = await Promise.all(Array.from({ length: 12 }, () => place(door)))
    const refused = answers.filter(({ status }) => status === 503)
    expect(answers.filter(({ status }) => status === 202)).to.have.length(5)
    expect(refused.map(({ json }) => json.code)).to.deep.equal(Array(7).fill('saga-busy'))
    for (const { headers } of refused) expect(Number(headers.get('retry-after'))).to.be.within(1, 3)
    expect(door.refusals).to.deep.equal(Array(7).fill('saga-busy'))
  })

  it('takes as many new ones as have ended', async () => {
    const { door, own } = await doorTo(3)
    const taken = await Promise.all([place(door), place(door), place(door)])
    expect((await place(door)).status).to.equal(503)
    for (const { json } of taken.slice(0, 2)) await own.settle(OrderId.parse(json.orderId))
    const statuses = []
    for (let i = 0; i < 3; i++) statuses.push((await place(door)).status)
    expect(statuses).to.deep.equal([202, 202, 503])
  })

  it('gives the place back when nothing is ordered: a bad body, or an order that is there already', async () => {
    const { door } = await doorTo(2)
    expect((await door.send('POST', '/orders', { body: {} })).status).to.equal(400)
    const key = { 'idempotency-key': 'one-wish' }
    for (let i = 0; i < 3; i++) expect((await place(door, key)).status).to.equal(202)
    expect((await place(door)).status).to.equal(202)
    expect((await place(door)).status).to.equal(503)
  })

  it('refuses before it reads a body', async () => {
    const { door } = await doorTo(1)
    await place(door)
    const client = await rawClient(door.port)
    client.write(
      'POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n',
    )
    await client.until(/^HTTP\/1.1 503 .*saga-busy/s)
    client.destroy()
  })

  it('shows and cancels orders all the same', async () => {
    const { door } = await doorTo(1)
    const { json } = await place(door)
    expect((await place(door)).status).to.equal(503)
    expect((await door.send('GET', `/orders/${json.orderId}`)).status).to.equal(200)
    expect((await door.send('POST', `/orders/${json.orderId}/cancel`)).status).to.equal(202)
  })
})
