import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { freePort } from '../../../local/bring-up/ports.ts'
import { waitUntil } from '../../../local/supervision/wait.ts'
import { httpPaymentProvider } from '../../../services/payment/provider.ts'
import { httpCarrier } from '../../../services/shipping/carrier.ts'
import { SagaError } from '../../../shared/runtime/errors.ts'
import { systemClock } from '../../../shared/runtime/time/clock.ts'
import { busyFor } from '../../support/busy.ts'
import { manualClock } from '../../support/manual-clock.ts'

const call = { key: 'o:charge', orderId: 'o', amount: 5, token: 'tok_secret' }
const shipTo = { name: 'Ada', line1: 'Secret Street 7', city: 'Wien', postalCode: '1010', country: 'AT' }

const raisedBy = async (work: Promise<unknown>): Promise<SagaError> => {
  const error = await work.then(
    answer => expect.fail(`answered ${JSON.stringify(answer)}`),
    raised => raised,
  )
  if (!(error instanceof SagaError)) throw error
  expect(inspect(error, { depth: 20, showHidden: true })).not.to.match(/tok_secret|Secret Street/)
  return error
}

describe('the HTTP gateways, whatever the other side does', () => {
  let server: http.Server
  let url: string
  let behave: http.RequestListener
  let connections = 0
  let requests = 0
  const closers: (() => void)[] = []

  /** Reads the request to its end, and then answers. */
  const answers = (status: number, text: string) => {
    behave = (request, response) => {
      request.resume()
      request.on('end', () => response.writeHead(status, { 'content-type': 'application/json' }).end(text))
    }
  }
  const payment = (options: Partial<Parameters<typeof httpPaymentProvider>[0]> = {}) => {
    const gateway = httpPaymentProvider({ url, timeoutMs: 10_000, clock: systemClock, ...options })
    closers.push(gateway.close)
    return gateway
  }

  beforeEach(async () => {
    connections = 0
    requests = 0
    answers(200, '{"outcome":"captured"}')
    server = http.createServer((request, response) => {
      requests++
      behave(request, response)
    })
    server.on('connection', () => connections++)
    server.listen(await freePort(), '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`
  })
  afterEach(async () => {
    for (const close of closers.splice(0)) close()
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  })

  for (const [status, outcome] of Object.entries({
    408: 'provider-unavailable later',
    425: 'provider-unavailable later',
    429: 'provider-unavailable later',
    500: 'provider-unavailable later',
    503: 'provider-unavailable later',
    302: 'provider-protocol later',
    401: 'provider-protocol later',
    404: 'provider-protocol later',
    400: 'provider-protocol never',
    409: 'provider-protocol never',
    422: 'provider-protocol never',
  })) {
    it(`says ${outcome} to a ${status}, whatever its body is`, async () => {
      answers(Number(status), '{"outcome":"captured"}')
      const { code, retry } = await raisedBy(payment().charge(call))
      expect(`${code} ${retry}`).to.equal(outcome)
    })
  }

  for (const text of [
    '',
    'tok_secret is not JSON',
    '"captured"',
    '{"outcome":"tok_secret"}',
    '{"outcome":"declined"}',
    `{"outcome":"declined","reason":"${'x'.repeat(101)}"}`,
    '{"outcome":"declined","reason":"tok_secret\\nforged"}',
    `{"outcome":"captured","padding":"${'x'.repeat(70_000)}"}`,
  ]) {
    it(`says provider-protocol to an answer of the wrong shape: ${text.slice(0, 40) || 'nothing'}`, async () => {
      answers(200, text)
      expect(await raisedBy(payment().charge(call))).to.include({ code: 'provider-protocol', retry: 'later' })
    })
  }

  it('lets a provider add fields of its own, and keeps them out', async () => {
    answers(200, '{"outcome":"declined","reason":"card-declined","reference":"r-1"}')
    expect(await payment().charge(call)).to.deep.equal({ outcome: 'declined', reason: 'card-declined' })
  })

  it('sends exactly the fields of the contract to the paths below its base', async () => {
    const seen: unknown[] = []
    behave = async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      seen.push([request.method, request.url, JSON.parse(Buffer.concat(chunks).toString())])
      const outcome = request.url === '/base/refunds' ? 'refunded' : 'captured'
      response.end(
        request.url === '/base/shipments'
          ? '{"outcome":"scheduled","trackingNumber":"T"}'
          : `{"outcome":"${outcome}"}`,
      )
    }
    const more = { ...call, customerId: 'not for the provider' }
    await payment().charge(more)
    await payment().refund(more)
    const carrier = httpCarrier({ url: `${url}/`, timeoutMs: 10_000, clock: systemClock })
    closers.push(carrier.close)
    await carrier.schedule({ ...more, shipTo })
    const { key, orderId, amount, token } = call
    expect(seen).to.deep.equal([
      ['POST', '/base/charges', { key, orderId, amount, token }],
      ['POST', '/base/refunds', { key, orderId, amount }],
      ['POST', '/base/shipments', { key, orderId, shipTo }],
    ])
  })

  it('presents the user and the password of its URL, whatever characters they have', async () => {
    const seen: unknown[] = []
    behave = (request, response) => {
      seen.push([request.url, request.headers.authorization])
      request.resume().on('end', () => response.end('{"outcome":"captured"}'))
    }
    const given = url.replace('//', `//${encodeURIComponent('ädá')}:${encodeURIComponent('pässwörd/%')}@`)
    await payment({ url: given }).charge(call)
    const basic = `Basic ${Buffer.from('ädá:pässwörd/%').toString('base64')}`
    expect(seen).to.deep.equal([['/base/charges', basic]])
  })

  it('says provider-unavailable when nobody listens', async () => {
    const nobody = httpPaymentProvider({
      url: `http://127.0.0.1:${await freePort()}`,
      timeoutMs: 10_000,
      clock: systemClock,
    })
    const error = await raisedBy(nobody.charge(call))
    expect(error).to.include({ code: 'provider-unavailable', retry: 'later' })
    expect(error.message).to.include('ECONNREFUSED')
  })

  it('says provider-unavailable when the connection breaks before or within the answer', async () => {
    behave = request => request.socket.destroy()
    expect(await raisedBy(payment().charge(call))).to.include({ code: 'provider-unavailable' })
    expect(requests).to.equal(1)
    behave = (_, response) => {
      response.writeHead(200, { 'content-length': 22 })
      response.write('{"outcome":', () => response.destroy())
    }
    expect(await raisedBy(payment().charge(call))).to.include({ code: 'provider-unavailable' })
  })

  it('gives up after its time and not before, by its clock, and lets go of the connection', async () => {
    const clock = manualClock()
    const letGo = new Promise(resolve => {
      behave = request => request.socket.once('close', resolve)
    })
    const asked = once(server, 'request')
    let error: SagaError | undefined
    const charging = raisedBy(payment({ clock, timeoutMs: 2_000 }).charge(call)).then(raised => {
      error = raised
    })
    await asked
    await clock.advance(1_999)
    expect(error).to.equal(undefined)
    await clock.advance(1)
    await charging
    expect(error).to.include({ code: 'provider-unavailable', retry: 'later' })
    await letGo
    expect(clock.waiting()).to.equal(0)
  })

  it('gives up on an answer that begins and never ends', async () => {
    const clock = manualClock()
    const begun = new Promise(resolve => {
      behave = (_, response) => response.write('{', resolve)
    })
    const charging = raisedBy(payment({ clock, timeoutMs: 2_000 }).charge(call))
    await begun
    await clock.advance(2_000)
    expect(await charging).to.include({ code: 'provider-unavailable' })
  })

  it('uses a connection again, and leaves no timer behind', async () => {
    const clock = manualClock()
    const gateway = payment({ clock })
    for (let n = 0; n < 10; n++) await gateway.charge(call)
    expect([requests, connections, clock.waiting()]).to.deep.equal([10, 1, 0])
  })

  it('asks again at once when a kept connection was closed meanwhile, and only then', async () => {
    const gateway = payment()
    await gateway.charge(call)
    behave = request => {
      request.socket.destroy()
      answers(200, '{"outcome":"captured"}')
    }
    expect(await gateway.charge(call)).to.deep.equal({ outcome: 'captured' })
    expect([requests, connections]).to.deep.equal([3, 2])
    behave = request => request.socket.destroy()
    expect(await raisedBy(gateway.charge(call))).to.include({ code: 'provider-unavailable' })
    expect([requests, connections]).to.deep.equal([5, 3])
  })

  it('counts the time of a call from the moment its request goes out: one that waits for a connection is not late', async () => {
    const clock = manualClock()
    const open: http.ServerResponse[] = []
    behave = (_, response) => void open.push(response)
    const gateway = payment({ clock, timeoutMs: 2_000, sockets: 1 })
    const arrived = () => waitUntil('a request', async () => open.length === 1, { deadlineMs: 10_000 })
    let ended = false
    const first = gateway.charge(call)
    const second = raisedBy(gateway.charge(call)).finally(() => {
      ended = true
    })
    await arrived()
    await clock.advance(1_500)
    open.pop()?.end('{"outcome":"captured"}')
    await first
    await arrived()
    // Since its call it is late by now; since its request it has one millisecond left.
    await clock.advance(1_999)
    expect(ended).to.equal(false)
    await clock.advance(1)
    expect(await second).to.include({ code: 'provider-unavailable' })
    expect(clock.waiting()).to.equal(0)
  })

  it('opens no more connections than it may for a burst, and answers every call of it', async () => {
    const gateway = payment()
    const answered = await Promise.all(Array.from({ length: 2_000 }, () => gateway.charge(call)))
    expect(new Set(answered.map(({ outcome }) => outcome))).to.deep.equal(new Set(['captured']))
    expect(requests).to.equal(2_000)
    expect(connections).to.be.at.most(256)
  })

  it('refuses a call at once when as many wait for a connection as may, without asking the provider', async () => {
    behave = () => {}
    const gateway = payment({ sockets: 1, waiting: 2 })
    const asked = once(server, 'request')
    const [open, ...waiting] = [1, 2, 3].map(() => raisedBy(gateway.charge(call)))
    const refused = await raisedBy(gateway.charge(call))
    expect(refused).to.include({ code: 'provider-unavailable', retry: 'later' })
    await asked
    expect(requests).to.equal(1)
    gateway.close()
    const codes = (await Promise.all([open, ...waiting])).map(error => error?.code)
    expect(codes).to.deep.equal(['draining', 'draining', 'draining'])
  })

  it('gives the connection of a call that was late to the next one that waits', async () => {
    const clock = manualClock()
    behave = () => answers(200, '{"outcome":"captured"}')
    const gateway = payment({ clock, timeoutMs: 2_000, sockets: 1 })
    const asked = once(server, 'request')
    const [late, next] = [raisedBy(gateway.charge(call)), gateway.charge(call)]
    await asked
    await clock.advance(2_000)
    expect(await late).to.include({ code: 'provider-unavailable' })
    expect(await next).to.deep.equal({ outcome: 'captured' })
  })

  it('does not call a provider late whose answer came while this process was busy', async () => {
    behave = (request, response) => {
      request.resume()
      request.on('end', () => {
        response.end('{"outcome":"captured"}')
        busyFor(200)
      })
    }
    expect(await payment({ timeoutMs: 100 }).charge(call)).to.deep.equal({ outcome: 'captured' })
  })

  it('does not quote an answer that is no HTTP', async () => {
    behave = request => request.socket.end('tok_secret\r\n\r\n')
    expect(await raisedBy(payment().charge(call))).to.include({ code: 'provider-unavailable' })
  })

  it('never has more calls open than it has sockets; the others wait', async () => {
    let most = 0
    const waiting: http.ServerResponse[] = []
    behave = (_, response) => {
      most = Math.max(most, waiting.push(response))
      if (waiting.length < 3 && requests < 20) return
      for (const held of waiting.splice(0)) held.end('{"outcome":"captured"}')
    }
    const gateway = payment({ sockets: 3 })
    await Promise.all(Array.from({ length: 20 }, () => gateway.charge(call)))
    expect([most, connections, requests]).to.deep.equal([3, 3, 20])
  })

  it('fails open, waiting and later calls with draining once it is closed', async () => {
    const asked = new Promise<void>(resolve => {
      behave = () => resolve()
    })
    const gateway = payment({ sockets: 1 })
    const calls = [gateway.charge(call), gateway.charge(call)].map(raisedBy)
    await asked
    gateway.close()
    calls.push(raisedBy(gateway.charge(call)))
    const codes = (await Promise.all(calls)).map(({ code }) => code)
    expect(codes).to.deep.equal(['draining', 'draining', 'draining'])
    expect(requests).to.equal(1)
  })
})
