import { createServer, type Server } from 'node:http'
import { expect } from 'chai'
import { patientClient } from '../../harness/patient-client.ts'
import { listenAt } from '../../shared/runtime/http/listen.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { seededRandom } from '../support/seeded-random.ts'

type Heard = { method: string; bearer: string | undefined; at: number }

describe('a patient caller', () => {
  let server: Server
  let url: string
  let heard: Heard[]
  /** Answers one call each: a status, and what Retry-After says; 0 cuts the connection. */
  let script: [status: number, retryAfter?: number][]

  beforeEach(async () => {
    heard = []
    script = []
    server = createServer((request, response) => {
      heard.push({
        method: request.method ?? '',
        bearer: request.headers.authorization,
        at: performance.now(),
      })
      const [status, retryAfter] = script.shift() ?? [200]
      if (status === 0) return void request.socket.destroy()
      if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter)
      response.writeHead(status).end('{}')
    })
    const { port } = await listenAt(server, { port: 0, host: '127.0.0.1', variable: 'none' })
    url = `http://127.0.0.1:${port}/orders`
  })
  afterEach(() => {
    server.close()
    server.closeAllConnections()
  })

  const caller = (options: { patienceMs?: number; bearer?: string } = {}) =>
    patientClient({ clock: systemClock, random: seededRandom(1), patienceMs: 20_000, ...options })
  const post = { method: 'POST', body: {} } as const

  it('comes back to a 429 and a 503 after the seconds that Retry-After gives', async () => {
    script = [[429, 1], [503, 1], [202]]
    const patient = caller()
    expect((await patient.call({ url, ...post })).status).to.equal(202)
    const [first, second, third] = heard.map(({ at }) => at)
    expect((second ?? 0) - (first ?? 0)).to.be.within(990, 5_000)
    expect((third ?? 0) - (second ?? 0)).to.be.within(990, 5_000)
    expect([...patient.repeats()]).to.deep.equal([
      ['429', 1],
      ['503', 1],
    ])
  })

  it('repeats a call that got no answer, or a 500', async () => {
    script = [[0], [500], [200]]
    const patient = caller()
    expect((await patient.call({ url, ...post })).status).to.equal(200)
    expect([...patient.repeats()]).to.deep.equal([
      ['UND_ERR_SOCKET', 1],
      ['500', 1],
    ])
  })

  it('takes every other answer as it is', async () => {
    script = [[404], [409], [422]]
    const patient = caller()
    for (const status of [404, 409, 422]) expect((await patient.call({ url })).status).to.equal(status)
    expect(heard).to.have.lengthOf(3)
  })

  it('gives up within its patience, saying what it asked and what it heard last', async () => {
    script = Array.from({ length: 20 }, () => [503, 1])
    const gaveUp = await caller({ patienceMs: 1_500 })
      .call({ url })
      .catch(error => error)
    expect(gaveUp).to.include({ code: 'no-answer' })
    expect(gaveUp.message).to.include(`GET ${url}, last: status 503`)
    expect(heard).to.have.lengthOf(2)
  })

  it('presents the key that it was given', async () => {
    await caller({ bearer: 'secret' }).call({ url })
    await caller().call({ url })
    expect(heard.map(({ bearer }) => bearer)).to.deep.equal(['Bearer secret', undefined])
  })
})
