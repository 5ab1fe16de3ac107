import { once } from 'node:events'
import { expect } from 'chai'
import { freePort } from '../../../local/bring-up/ports.ts'
import { httpPaymentProvider } from '../../../services/payment/provider.ts'
import { httpCarrier } from '../../../services/shipping/carrier.ts'
import type { SagaError } from '../../../shared/runtime/errors.ts'
import { systemClock } from '../../../shared/runtime/time/clock.ts'
import { busyFor } from '../../support/busy.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { call, providerPerTest, raisedBy } from './provider-per-test.ts'

const shipTo = { name: 'Ada', line1: 'Secret Street 7', city: 'Wien', postalCode: '1010', country: 'AT' }

describe('the HTTP gateways, whatever the other side answers', () => {
  const provider = providerPerTest()

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
      provider.answers(Number(status), '{"outcome":"captured"}')
      const { code, retry } = await raisedBy(provider.payment().charge(call))
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
      provider.answers(200, text)
      expect(await raisedBy(provider.payment().charge(call))).to.include({
        code: 'provider-protocol',
        retry: 'later',
      })
    })
  }

  it('lets a provider add fields of its own, and keeps them out', async () => {
    provider.answers(200, '{"outcome":"declined","reason":"card-declined","reference":"r-1"}')
    expect(await provider.payment().charge(call)).to.deep.equal({
      outcome: 'declined',
      reason: 'card-declined',
    })
  })

  it('sends exactly the fields of the contract to the paths below its base', async () => {
    const seen: unknown[] = []
    provider.behave = async (request, response) => {
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
    await provider.payment().charge(more)
    await provider.payment().refund(more)
    const carrier = httpCarrier({ url: `${provider.url}/`, timeoutMs: 10_000, clock: systemClock })
    provider.closers.push(carrier.close)
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
    provider.behave = (request, response) => {
      seen.push([request.url, request.headers.authorization])
      request.resume().on('end', () => response.end('{"outcome":"captured"}'))
    }
    const given = provider.url.replace(
      '//',
      `//${encodeURIComponent('ädá')}:${encodeURIComponent('pässwörd/%')}@`,
    )
    await provider.payment({ url: given }).charge(call)
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
    provider.behave = request => request.socket.destroy()
    expect(await raisedBy(provider.payment().charge(call))).to.include({ code: 'provider-unavailable' })
    expect(provider.requests).to.equal(1)
    provider.behave = (_, response) => {
      response.writeHead(200, { 'content-length': 22 })
      response.write('{"outcome":', () => response.destroy())
    }
    expect(await raisedBy(provider.payment().charge(call))).to.include({ code: 'provider-unavailable' })
  })

  it('gives up after its time and not before, by its clock, and lets go of the connection', async () => {
    const clock = manualClock()
    const letGo = new Promise(resolve => {
      provider.behave = request => request.socket.once('close', resolve)
    })
    const asked = once(provider.server, 'request')
    let error: SagaError | undefined
    const charging = raisedBy(provider.payment({ clock, timeoutMs: 2_000 }).charge(call)).then(raised => {
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
      provider.behave = (_, response) => response.write('{', resolve)
    })
    const charging = raisedBy(provider.payment({ clock, timeoutMs: 2_000 }).charge(call))
    await begun
    await clock.advance(2_000)
    expect(await charging).to.include({ code: 'provider-unavailable' })
  })

  it('does not call a provider late whose answer came while this process was busy', async () => {
    provider.behave = (request, response) => {
      request.resume()
      request.on('end', () => {
        response.end('{"outcome":"captured"}')
        busyFor(200)
      })
    }
    expect(await provider.payment({ timeoutMs: 100 }).charge(call)).to.deep.equal({ outcome: 'captured' })
  })

  it('does not quote an answer that is no HTTP', async () => {
    provider.behave = request => request.socket.end('tok_secret\r\n\r\n')
    expect(await raisedBy(provider.payment().charge(call))).to.include({ code: 'provider-unavailable' })
  })
})
