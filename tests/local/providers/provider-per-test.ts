import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { freePort } from '../../../local/bring-up/ports.ts'
import { httpPaymentProvider } from '../../../services/payment/provider.ts'
import { SagaError } from '../../../shared/runtime/errors.ts'
import { systemClock } from '../../../shared/runtime/time/clock.ts'

export const call = { key: 'o:charge', orderId: 'o', amount: 5, token: 'tok_secret' }

/** The error of ours that this ends with; nothing of it shows what was sent. */
export const raisedBy = async (work: Promise<unknown>): Promise<SagaError> => {
  const error = await work.then(
    answer => expect.fail(`answered ${JSON.stringify(answer)}`),
    raised => raised,
  )
  if (!(error instanceof SagaError)) throw error
  expect(inspect(error, { depth: 20, showHidden: true })).not.to.match(/tok_secret|Secret Street/)
  return error
}

/** A provider that does what a test tells it, and the gateways that call it. */
export const providerPerTest = () => {
  const provider = {
    url: '',
    connections: 0,
    requests: 0,
    behave: (() => {}) as http.RequestListener,
    server: http.createServer(),
    closers: [] as (() => void)[],
    /** Reads the request to its end, and then answers. */
    answers: (status: number, text: string) => {
      provider.behave = (request, response) => {
        request.resume()
        request.on('end', () => response.writeHead(status, { 'content-type': 'application/json' }).end(text))
      }
    },
    payment: (options: Partial<Parameters<typeof httpPaymentProvider>[0]> = {}) => {
      const { url } = provider
      const gateway = httpPaymentProvider({ url, timeoutMs: 10_000, clock: systemClock, ...options })
      provider.closers.push(gateway.close)
      return gateway
    },
  }

  beforeEach(async () => {
    Object.assign(provider, { connections: 0, requests: 0 })
    provider.answers(200, '{"outcome":"captured"}')
    const server = http.createServer((request, response) => {
      provider.requests++
      provider.behave(request, response)
    })
    server.on('connection', () => provider.connections++)
    server.listen(await freePort(), '127.0.0.1')
    await once(server, 'listening')
    provider.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base`
    provider.server = server
  })
  afterEach(async () => {
    for (const close of provider.closers.splice(0)) close()
    provider.server.closeAllConnections()
    await new Promise(resolve => provider.server.close(resolve))
  })
  return provider
}
