import { expect } from 'chai'
import { anOrder } from '../../../../harness/an-order.ts'
import { Sku } from '../../../../services/contract/ids.ts'
import { SagaError } from '../../../../shared/runtime/errors.ts'
import { closeApis, type OpenApi, openApi } from './api-server.ts'
import { eventually, rawClient, rawPost } from './raw-client.ts'

describe('the public API, given an order', () => {
  let door: OpenApi
  beforeEach(async () => {
    door = await openApi()
  })
  afterEach(closeApis)

  const place = (headers: Record<string, string> = {}, body: unknown = anOrder()) =>
    door.send('POST', '/orders', { body, headers })

  it('accepts it with 202, its address, its id and its total', async () => {
    const { status, headers, json } = await place()
    expect(status).to.equal(202)
    expect(json).to.deep.equal({ orderId: [...door.desk.orders.keys()][0], status: 'placed', total: 750 })
    expect(headers.get('location')).to.equal(`/orders/${json.orderId}`)
  })

  it('says who it is and what it runs on to nobody', async () => {
    const { headers } = await place()
    expect([...headers.keys()].filter(name => /powered|server|^access-control/.test(name))).to.deep.equal([])
    expect(headers.get('x-content-type-options')).to.equal('nosniff')
    expect(headers.get('cache-control')).to.equal('no-store')
  })

  it('takes it with every spelling of JSON in UTF-8, and with the longest key', async () => {
    for (const type of [
      'application/json; charset=utf-8',
      'Application/JSON;charset="UTF-8"',
      'application/json',
    ])
      expect((await place({ 'content-type': type })).status).to.equal(202)
    expect((await place({ 'idempotency-key': '~'.repeat(255) })).status).to.equal(202)
  })

  it('takes it in pieces, also when one ends in the middle of a character', async () => {
    const bytes = Buffer.from(JSON.stringify(anOrder()))
    const middle = bytes.indexOf('’') + 1
    const pieces = [bytes.subarray(0, 10), bytes.subarray(10, middle), bytes.subarray(middle)]
    const client = await rawClient(door.port)
    client.write(
      'POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    )
    for (const piece of [...pieces, Buffer.alloc(0)]) {
      client.write(`${piece.length.toString(16)}\r\n`)
      client.write(piece)
      client.write('\r\n')
    }
    await client.until(/^HTTP\/1.1 202 /)
    client.destroy()
  })

  it('answers the same to the same key and body, and 422 to another body', async () => {
    const first = await place({ 'idempotency-key': 'k-1' })
    const again = await place({ 'idempotency-key': 'k-1' })
    expect(again.json).to.deep.equal(first.json)
    const other = await place({ 'idempotency-key': 'k-1' }, { ...anOrder(), customerId: 'somebody' })
    expect([other.status, other.json.code]).to.deep.equal([422, 'key-reused'])
    expect(other.json.errors).to.have.nested.property('[0].field', 'Idempotency-Key')
  })

  it('answers 422 to a SKU that is not sold, and names its line', async () => {
    const lines = [
      { sku: 'SKU-0', quantity: 1 },
      { sku: 'NO-SUCH', quantity: 1 },
    ]
    const { status, json } = await place({}, { ...anOrder(), lines })
    expect(status).to.equal(422)
    expect(json.errors).to.deep.equal([{ field: 'lines[1].sku', expected: 'a SKU of GET /catalogue' }])
  })

  it('shows it, and no field that the answer does not list', async () => {
    const { json } = await place()
    const id = String(json.orderId)
    const view = door.desk.orders.get(id)
    if (view) door.desk.orders.set(id, Object.assign({ paymentToken: 'tok_approve' }, view))
    const shown = await door.send('GET', `/orders/${id}`)
    expect(shown.status).to.equal(200)
    expect(shown.json).to.deep.equal({
      orderId: id,
      caller: 'local',
      status: 'placed',
      total: 750,
      lines: [
        { sku: 'SKU-0', quantity: 2, unitPrice: 250 },
        { sku: 'SKU-1', quantity: 1, unitPrice: 250 },
      ],
      cancelRequested: false,
      awaiting: ['inventory.reserved'],
    })
  })

  it('asks for its cancellation, also twice, and says when it is too late', async () => {
    const { json } = await place()
    const path = `/orders/${json.orderId}/cancel`
    for (const attempt of [1, 2]) {
      const asked = await door.send('POST', path)
      expect([attempt, asked.status]).to.deep.equal([attempt, 202])
      expect(asked.json).to.deep.equal({ orderId: json.orderId, cancelRequested: true })
    }
    const view = door.desk.orders.get(String(json.orderId))
    if (view) door.desk.orders.set(view.orderId, { ...view, status: 'confirmed' })
    const late = await door.send('POST', path)
    expect([late.status, late.json.code]).to.deep.equal([409, 'order-settled'])
  })

  it('knows no order under an id that was never given, and does not ask the desk for one that cannot be', async () => {
    const id = `ord_${'0'.repeat(26)}`
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/cancel'],
    ] as const) {
      expect((await door.send(method, `/orders/${id}${path}`)).status).to.equal(404)
      expect((await door.send(method, `/orders/nonsense${path}`)).status).to.equal(404)
      expect((await door.send(method, `/orders/ord_%00${path}`)).status).to.equal(404)
      expect((await door.send(method, `/orders/%7B%22$ne%22:1%7D${path}`)).status).to.equal(404)
    }
    expect(door.desk.calls).to.deep.equal([`find ${id}`, `find ${id}`])
  })

  it('answers 503 with Retry-After while orders cannot be kept, and logs the code alone', async () => {
    door.desk.fail(new SagaError('store-unavailable', 'mongodb://user:SECRET@host'))
    const { status, headers, json, text } = await place()
    expect([status, json.code]).to.deep.equal([503, 'store-unavailable'])
    expect(Number(headers.get('retry-after'))).to.be.within(1, 3)
    expect(text).to.not.contain('SECRET')
    const line = door.logged.find(({ level }) => level === 'error')
    expect(line?.fields).to.include({ code: 'store-unavailable', requestId: headers.get('x-request-id') })
    expect(JSON.stringify(door.logged)).to.not.contain('SECRET')
  })

  it('answers 503 when the desk is shutting down, and 500 without a stack trace to anything else', async () => {
    door.desk.fail(new SagaError('draining', 'x'))
    expect((await place()).json.code).to.equal('draining')
    door.desk.fail(new TypeError('SECRET of the code'))
    const { status, text } = await place()
    expect(status).to.equal(500)
    expect(text).to.not.match(/SECRET|\.ts|\.js| at /)
    const line = door.logged.findLast(({ level }) => level === 'error')
    expect(line?.fields).to.include({ code: 'TypeError', error: 'SECRET of the code' })
    expect(line?.fields?.errorAt).to.match(/^tests\/services\/order\/api\/orders\.spec\.ts:\d+$/)
  })

  it('[I19] logs nothing that the client sent, when what goes wrong quotes it', async () => {
    door.desk.fail(new RangeError('cannot take tok_approve of Ada Lovelace, 12 St James’s Square'))
    expect((await place()).status).to.equal(500)
    const line = door.logged.findLast(({ level }) => level === 'error')
    expect(line?.fields?.error).to.equal('cannot take *** of ***')
  })

  it('lists what can be bought', async () => {
    const { status, text } = await door.send('GET', '/catalogue')
    expect(status).to.equal(200)
    expect(JSON.parse(text)).to.deep.equal(['SKU-0', 'SKU-1', 'SKU-2'].map(sku => ({ sku, unitPrice: 250 })))
  })
})

describe('the public API, for a client that leaves', () => {
  let door: OpenApi
  beforeEach(async () => {
    door = await openApi()
  })
  afterEach(closeApis)

  it('keeps an order that was on its way when its client left', async () => {
    const goOn = door.desk.hold()
    const client = await rawClient(door.port)
    client.write(rawPost('/orders', JSON.stringify(anOrder())))
    await eventually(() => door.desk.waiting() === 1, 'the desk to be asked')
    client.destroy()
    await client.closed
    goOn()
    await eventually(() => door.desk.orders.size === 1, 'the order')
    expect((await door.send('GET', '/catalogue')).status).to.equal(200)
  })

  it('places nothing for a client that left in the middle of its body', async () => {
    const client = await rawClient(door.port)
    client.write(rawPost('/orders', JSON.stringify(anOrder())).subarray(0, -1))
    client.destroy()
    await client.closed
    await door.door.drain()
    expect(door.desk.calls).to.deep.equal([])
  })
})

describe('the public API, asked for stock', () => {
  afterEach(closeApis)
  const stock = { sku: Sku.parse('SKU-1'), initial: 10, restocked: 0, onHand: 7, held: 2, shipped: 1 }

  it('passes on what inventory says', async () => {
    const door = await openApi({ stock: async sku => (sku === 'SKU-1' ? stock : 'unknown') })
    expect((await door.send('GET', '/stock/SKU-1')).json).to.deep.equal(stock)
    expect((await door.send('GET', '/stock/SKU-9')).status).to.equal(404)
    expect((await door.send('GET', '/stock/..%2Fmetrics')).status).to.equal(404)
  })

  it('answers 503 for stock alone while inventory is away', async () => {
    const door = await openApi({ stock: async () => 'unavailable' })
    const { status, headers, json } = await door.send('GET', '/stock/SKU-1')
    expect([status, json.code]).to.deep.equal([503, 'stock-unavailable'])
    expect(headers.has('retry-after')).to.equal(true)
    expect((await door.send('POST', '/orders', { body: anOrder() })).status).to.equal(202)
  })
})
