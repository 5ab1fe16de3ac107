import { expect } from 'chai'
import { anOrder } from '../../../../harness/an-order.ts'
import { closeApis, keyOf, type OpenApi, openApi } from './api-server.ts'
import { rawClient } from './raw-client.ts'

const [ada, bob, olga] = [keyOf('ada'), keyOf('bob'), keyOf('olga')]
const adasNewKey = { key: 'another', holder: { ...keyOf('x').holder, name: 'ada' } }
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

describe('the public API, with keys', () => {
  let door: OpenApi
  before(async () => {
    door = await openApi({
      config: {
        CHOREO_CALLER_KEYS: [ada.holder, bob.holder, adasNewKey.holder],
        CHOREO_OPERATOR_KEYS: [olga.holder],
      },
    })
  })
  after(closeApis)

  const place = async (key: string) =>
    String((await door.send('POST', '/orders', { body: anOrder(), headers: bearer(key) })).json.orderId)

  for (const [title, headers, code] of [
    ['no key', {}, 'key-missing'],
    ['an empty key', { authorization: 'Bearer ' }, 'key-missing'],
    ['another scheme', { authorization: `Basic ${ada.key}` }, 'key-missing'],
    ['an unknown key', bearer('nobody'), 'key-unknown'],
    ['a key that is longer by one', bearer(`${ada.key}x`), 'key-unknown'],
    ['the hash in place of the key', bearer(ada.holder.sha256), 'key-unknown'],
    ['the name in place of the key', bearer('ada'), 'key-unknown'],
    ['an unsigned token', bearer('eyJhbGciOiJub25lIn0.eyJzdWIiOiJvbGdhIn0.'), 'key-unknown'],
  ] as const)
    it(`answers 401 on every route to ${title}`, async () => {
      for (const [method, path] of [
        ['POST', '/orders'],
        ['GET', '/orders/x'],
        ['POST', '/orders/x/cancel'],
        ['GET', '/catalogue'],
        ['GET', '/stock/SKU-0'],
        ['GET', '/nowhere'],
      ] as const) {
        const reply = await door.send(method, path, {
          headers,
          ...(method === 'POST' && { body: anOrder() }),
        })
        expect([path, reply.status, reply.json.code]).to.deep.equal([path, 401, code])
        expect(reply.headers.get('www-authenticate')).to.match(/^Bearer realm="choreo"/)
      }
      expect(door.desk.calls).to.deep.equal([])
    })

  it('takes a key in any spelling of the scheme, and each key of a caller that has two', async () => {
    for (const authorization of [`bearer ${bob.key}`, `BEARER  ${bob.key}`])
      expect((await door.send('GET', '/catalogue', { headers: { authorization } })).status).to.equal(200)
    const ordered = await place(keyOf('x').key)
    const seen = await door.send('GET', `/orders/${ordered}`, { headers: bearer(ada.key) })
    expect([seen.status, seen.json.caller]).to.deep.equal([200, 'ada'])
  })

  it("shows a caller its own orders, an operator everybody's, and another caller as little as of none", async () => {
    const order = await place(ada.key)
    const none = `ord_${'0'.repeat(26)}`
    const seen = async (key: string, id: string) => {
      const { status, json } = await door.send('GET', `/orders/${id}`, { headers: bearer(key) })
      return { status, ...json, instance: undefined }
    }
    expect(await seen(ada.key, order)).to.include({ status: 'placed', orderId: order })
    expect(await seen(olga.key, order)).to.include({ status: 'placed', caller: 'ada' })
    expect(await seen(bob.key, order)).to.deep.equal(await seen(bob.key, none))
    expect(await seen(bob.key, order)).to.include({ status: 404 })
  })

  it("lets a caller cancel its own orders, an operator everybody's, and nobody another's", async () => {
    const order = await place(ada.key)
    const cancel = async (key: string) =>
      (await door.send('POST', `/orders/${order}/cancel`, { headers: bearer(key) })).status
    expect(await cancel(bob.key)).to.equal(404)
    expect(door.desk.orders.get(order)?.cancelRequested).to.equal(false)
    expect(await cancel(ada.key)).to.equal(202)
    expect(await cancel(olga.key)).to.equal(202)
  })

  it('gives each caller idempotency keys of its own', async () => {
    const headers = { 'idempotency-key': 'same' }
    const order = async (key: string) =>
      (await door.send('POST', '/orders', { body: anOrder(), headers: { ...headers, ...bearer(key) } })).json
        .orderId
    expect(await order(ada.key)).to.equal(await order(ada.key))
    expect(await order(ada.key)).to.not.equal(await order(bob.key))
  })

  it('never logs a key', () => {
    for (const { key } of [ada, bob, olga]) expect(JSON.stringify(door.logged)).to.not.contain(key)
  })
})

describe('the public API, without keys', () => {
  let door: OpenApi
  before(async () => {
    door = await openApi({ config: { CHOREO_HTTP_HOST: '0.0.0.0' } })
  })
  after(closeApis)

  it('listens on 127.0.0.1 whatever is configured, and says so', async () => {
    const { port } = door
    await expectRefused(() => fetch(`http://127.0.0.2:${port}/catalogue`))
    const line = door.logged.find(({ message }) => message.startsWith('no keys'))
    expect(line?.fields).to.deep.equal({ host: '127.0.0.1' })
  })

  it('calls everybody local, and shows everything', async () => {
    const { json } = await door.send('POST', '/orders', { body: anOrder() })
    const seen = await door.send('GET', `/orders/${json.orderId}`, { headers: bearer('anything') })
    expect(seen.json).to.include({ caller: 'local', status: 'placed' })
  })

  it('refuses a request that a web page sent here under its own host name', async () => {
    for (const [host, status] of [
      ['evil.example', 421],
      ['evil.example:3000', 421],
      ['127.0.0.1.evil.example', 421],
      ['localhost:3000', 200],
      ['choreo.localhost', 200],
      ['127.0.0.1', 200],
      ['[::1]:3000', 200],
    ] as const) {
      const client = await rawClient(door.port)
      client.write(`GET /catalogue HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
      expect(await client.closed).to.match(new RegExp(`^HTTP/1.1 ${status} `), host)
    }
  })
})

describe('the public API, with keys and a host', () => {
  afterEach(closeApis)
  it('listens where it is told to', async () => {
    const door = await openApi({
      config: { CHOREO_HTTP_HOST: '127.0.0.2', CHOREO_CALLER_KEYS: [ada.holder] },
    })
    expect(
      (await fetch(`http://127.0.0.2:${door.port}/catalogue`, { headers: bearer(ada.key) })).status,
    ).to.equal(200)
    await expectRefused(() => fetch(`${door.url}/catalogue`))
  })
})

const expectRefused = async (work: () => Promise<unknown>) => {
  const outcome = await work().catch((error: Error) => error.cause)
  expect(outcome).to.have.property('code', 'ECONNREFUSED')
}
