import { connect } from 'node:net'
import { expect } from 'chai'
import { freePort } from '../../../local/bring-up/ports.ts'
import { SagaError } from '../../../shared/runtime/errors.ts'
import { type PrivatePortOptions, privatePort } from '../../../shared/runtime/http/private-port.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../../shared/runtime/time/clock.ts'

const open: { close(): Promise<void> }[] = []

const openPort = async (options: Partial<PrivatePortOptions> = {}) => {
  const port = await freePort()
  const door = privatePort({ port, checks: [], clock: systemClock, log: silentLog, ...options })
  await door.listen()
  open.push(door)
  return async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init)
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      text: await response.text(),
    }
  }
}

describe('the private port', () => {
  afterEach(() => Promise.all(open.splice(0).map(door => door.close())))

  it('says that the process lives and is ready', async () => {
    const get = await openPort({ checks: [{ name: 'broker', ok: () => true }] })
    expect(await get('/livez')).to.include({ status: 200, text: '{"status":"ok"}' })
    expect(await get('/readyz')).to.include({ status: 200, text: '{"status":"ready"}' })
  })

  it('is not ready while a check does not hold, and names all that do not', async () => {
    let holds = false
    const get = await openPort({
      checks: [
        { name: 'broker', ok: () => holds },
        { name: 'store', ok: async () => true },
        { name: 'cache', ok: () => Promise.reject(new Error('SECRET')) },
      ],
    })
    const { status, type, text } = await get('/readyz')
    expect([status, type]).to.deep.equal([503, 'application/problem+json; charset=utf-8'])
    expect(JSON.parse(text).errors).to.deep.equal(
      ['broker', 'cache'].map(field => ({ field, expected: 'to hold' })),
    )
    expect(text).to.not.contain('SECRET').and.not.contain('store')
    expect((await get('/livez')).status).to.equal(200)
    holds = true
    expect((await get('/readyz')).text).to.not.contain('broker')
  })

  it('is ready to answer over HTTP while only what messages need does not hold', async () => {
    let holds = true
    const get = await openPort({
      checks: [
        { name: 'broker', ok: () => false, forMessages: true },
        { name: 'store', ok: () => holds },
      ],
    })
    expect((await get('/readyz')).text).to.contain('Does not hold: broker.')
    expect((await get('/readyz/http')).status).to.equal(200)
    holds = false
    expect((await get('/readyz/http')).text).to.contain('Does not hold: store.')
  })

  it('takes a check that does not answer in time, or throws at once, for one that does not hold', async () => {
    const checks = [
      { name: 'silent', ok: () => new Promise<boolean>(() => {}) },
      {
        name: 'broken',
        ok: () => {
          throw new Error('broken')
        },
      },
    ]
    const get = await openPort({ checks, checkMs: 20 })
    expect((await get('/readyz')).text).to.contain('Does not hold: silent, broken.')
  })

  it('serves the routes that it is given, and a failing one does not end it', async () => {
    const get = await openPort({
      routes: {
        '/stock/:sku': ({ sku }) => ({ status: 200, body: { sku } }),
        '/metrics': () => ({ status: 200, body: 'up 1\n', type: 'text/plain' }),
        '/away': () => Promise.reject(new SagaError('store-unavailable', 'SECRET')),
        '/broken': () => {
          throw new TypeError('SECRET')
        },
      },
    })
    expect(await get('/stock/SKU-1')).to.include({ status: 200, text: '{"sku":"SKU-1"}' })
    expect(await get('/metrics')).to.include({
      status: 200,
      text: 'up 1\n',
      type: 'text/plain; charset=utf-8',
    })
    const [away, broken] = [await get('/away'), await get('/broken')]
    expect([away.status, broken.status]).to.deep.equal([503, 500])
    expect(away.text + broken.text).to.not.contain('SECRET')
    expect((await get('/livez')).status).to.equal(200)
  })

  it('takes what is posted to a route that changes something, and only JSON', async () => {
    const get = await openPort({
      routes: { 'POST /stock/:sku/restock': ({ sku }, body) => ({ status: 200, body: { sku, body } }) },
    })
    const post = (body: string) =>
      get('/stock/SKU-1/restock', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
    expect(await post('{"units":3}')).to.include({
      status: 200,
      text: '{"sku":"SKU-1","body":{"units":3}}',
    })
    expect((await post('{"units":')).status).to.equal(400)
    expect((await get('/stock/SKU-1/restock')).status, 'GET').to.equal(404)
  })

  it('answers 404 to anything else, and says nothing of what it runs on', async () => {
    const get = await openPort({ routes: { '/stock/:sku': () => ({ status: 200, body: {} }) } })
    expect((await get('/nowhere')).status).to.equal(404)
    expect((await get('/livez', { method: 'POST' })).status).to.equal(404)
    const undecodable = await get('/stock/%E0%A4%A')
    expect(undecodable.status).to.equal(404)
    expect(undecodable.text).to.not.match(/ at |node_modules|URIError/)
  })

  it('says which port is taken, and by which variable it is chosen', async () => {
    const port = await freePort()
    await openPort({ port })
    const error = await openPort({ port }).catch((failure: unknown) => failure)
    expect(error).to.be.instanceOf(SagaError).and.include({ code: 'port-taken', retry: 'never' })
    expect(String(error)).to.contain(String(port)).and.contain('CHOREO_HEALTH_PORT')
  })

  it('says which address is none of this machine', async () => {
    const error = await openPort({ host: '192.0.2.1' }).catch((failure: unknown) => failure)
    expect(error).to.be.instanceOf(SagaError).and.include({ code: 'config-invalid' })
    expect(String(error)).to.contain('192.0.2.1').and.contain('EADDRNOTAVAIL')
  })

  it('closes although a client keeps its connection open', async () => {
    const get = await openPort()
    await get('/livez')
    const [door] = open.splice(0)
    await door?.close()
    expect(await get('/livez').catch(() => 'refused')).to.equal('refused')
  })

  for (const [what, lines, code] of [
    ['has no Host', [], '400 request-malformed'],
    ['expects what nobody knows', ['Host: a', 'Expect: the-impossible'], '417 expectation-refused'],
    ['expects to go on', ['Host: a', 'Expect: 100-continue'], '200 undefined'],
  ] as const)
    it(`answers a request that ${what}: ${code}`, async () => {
      const port = await freePort()
      const door = privatePort({ port, checks: [], clock: systemClock, log: silentLog })
      await door.listen()
      open.push(door)
      const text = await rawAnswer(port, ['GET /livez HTTP/1.1', 'Connection: close', ...lines])
      const [, status] = /HTTP\/1\.1 (?!100)(\d+)/.exec(text) ?? []
      const body = JSON.parse(text.slice(text.lastIndexOf('\r\n\r\n') + 4)) as { code?: string }
      expect(`${status} ${body.code}`).to.equal(code)
      if (body.code) expect(text).to.include('application/problem+json')
    })
})

/** All that comes back for these lines, as no client of HTTP would send them. */
const rawAnswer = async (port: number, lines: readonly string[]): Promise<string> => {
  const socket = connect(port, '127.0.0.1')
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
