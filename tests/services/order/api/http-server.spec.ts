import { expect } from 'chai'
import { anOrder } from '../../../../harness/an-order.ts'
import { SagaError } from '../../../../shared/runtime/errors.ts'
import { closeApis, type OpenApi, openApi } from './api-server.ts'
import { rawClient, rawPost } from './raw-client.ts'

describe('the public API, given something else than its routes', () => {
  let door: OpenApi
  before(async () => {
    door = await openApi()
  })
  after(closeApis)

  for (const [method, path, allow] of [
    ['PUT', '/orders', 'POST, GET, HEAD'],
    ['OPTIONS', '/orders', 'POST, GET, HEAD'],
    ['POST', '/orders/ord_1/timeline', 'GET, HEAD'],
    ['GET', '/orders/ord_1/erase', 'POST'],
    ['DELETE', '/orders/ord_1', 'GET, HEAD'],
    ['PATCH', '/orders/ord_1', 'GET, HEAD'],
    ['GET', '/orders/ord_1/cancel', 'POST'],
    ['POST', '/catalogue', 'GET, HEAD'],
    ['POST', '/stock/SKU-0', 'GET, HEAD'],
    ['HEAD', '/orders/ord_1/cancel', 'POST'],
  ] as const)
    it(`answers 405 to ${method} ${path}, with what is allowed`, async () => {
      const response = await fetch(door.url + path, { method })
      expect(response.status).to.equal(405)
      expect(response.headers.get('allow')).to.equal(allow)
      await response.body?.cancel()
    })

  for (const path of [
    '/',
    '/order',
    '/Orders',
    '/orders/',
    '/orders/a/b',
    '/livez',
    '/metrics',
    '/__proto__',
    '/..%2f..%2fetc/passwd',
  ])
    it(`answers 404 to ${path}`, async () => {
      const { status, json } = await door.send('GET', path)
      expect([status, json.code]).to.deep.equal([404, 'route-unknown'])
    })

  it('answers 400 to a path that does not decode', async () => {
    expect((await door.send('GET', '/orders/%E0%A4%A')).status).to.equal(400)
  })

  it('answers HEAD as GET, without a body', async () => {
    const response = await fetch(`${door.url}/catalogue`, { method: 'HEAD' })
    expect([response.status, await response.text()]).to.deep.equal([200, ''])
    expect(Number(response.headers.get('content-length'))).to.be.above(10)
  })

  for (const [title, bytes, status] of [
    ['bytes that are not HTTP', '\x16\x03\x01\x02\x00\x01', 400],
    ['headers above 16 KiB', `GET /catalogue HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['a header with a line feed in it', 'GET /catalogue HTTP/1.1\r\nHost: x\r\nX: a\nb\r\n\r\n', 400],
    [
      'two lengths',
      'POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}',
      400,
    ],
    [
      'length and chunks',
      'POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    [
      'a chunk that is none',
      'POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      400,
    ],
    ['no host', 'GET /catalogue HTTP/1.1\r\n\r\n', 400],
    ['a tunnel', 'CONNECT one:443 HTTP/1.1\r\nHost: one:443\r\n\r\n', 400],
  ] as const)
    it(`answers ${status} to ${title} and closes`, async () => {
      const client = await rawClient(door.port)
      client.write(bytes)
      const answer = await client.closed
      expect(answer).to.match(new RegExp(`^HTTP/1.1 ${status} .*connection: close`, 'is'))
      expect(answer).to.match(/content-type: application\/problem\+json\r\n/i)
      expect(answer).to.match(/"code":"[a-z-]+"/)
      expect(door.desk.calls).to.deep.equal([])
    })

  it('answers 417 to an expectation that it does not know, with a problem', async () => {
    const client = await rawClient(door.port)
    client.write(rawPost('/orders', JSON.stringify(anOrder()), ['Expect: nonsense']))
    const answer = await client.until(/^HTTP\/1.1 417 .*}$/s)
    expect(answer)
      .to.match(/application\/problem\+json/)
      .and.include('"code":"expectation-refused"')
    client.destroy()
    expect(door.desk.calls).to.deep.equal([])
  })

  it('serves HTTP/1.0, which knows no Host', async () => {
    const client = await rawClient(door.port)
    client.write('GET /catalogue HTTP/1.0\r\n\r\n')
    expect(await client.closed).to.match(/^HTTP\/1.1 200 /)
  })

  it('keeps a connection for the next request after a refusal', async () => {
    const client = await rawClient(door.port)
    client.write(rawPost('/orders', '{}'))
    await client.until(/^HTTP\/1.1 400 /)
    client.write(rawPost('/orders', JSON.stringify(anOrder())))
    await client.until(/HTTP\/1.1 202 /)
    client.destroy()
  })

  it('says which port is taken, and by which variable it is chosen', async () => {
    const taken = await openApi({ config: { CHOREO_HTTP_PORT: door.port } }).catch((error: unknown) => error)
    expect(taken).to.be.instanceOf(SagaError).and.include({ code: 'port-taken', retry: 'never' })
    expect(String(taken)).to.contain(String(door.port)).and.contain('CHOREO_HTTP_PORT')
  })
})

describe('the public API, for a slow client', () => {
  let door: OpenApi
  before(async () => {
    door = await openApi({
      patience: { headersMs: 300, requestMs: 600 },
      config: { CHOREO_MAX_IN_FLIGHT: 1 },
    })
  })
  after(closeApis)

  it('answers 408 to headers that never end', async () => {
    const client = await rawClient(door.port)
    client.write('GET /catalogue HTTP/1.1\r\nHost: x\r\n')
    expect(await client.closed).to.match(/^HTTP\/1.1 408 .*request-slow/s)
  })

  it('answers 408 to a body that never ends, places nothing and gives its place back', async () => {
    const client = await rawClient(door.port)
    client.write(rawPost('/orders', JSON.stringify(anOrder())).subarray(0, -1))
    expect(await client.closed).to.match(/^HTTP\/1.1 408 .*request-slow/s)
    expect(door.desk.calls).to.deep.equal([])
    expect((await door.send('POST', '/orders', { body: anOrder() })).status).to.equal(202)
  })
})
