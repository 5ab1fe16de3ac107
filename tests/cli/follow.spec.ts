import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { expect } from 'chai'
import { apiClientAt } from '../../cli/api-client.ts'
import { follow } from '../../cli/saga/follow.ts'
import { terminalOn } from '../../cli/terminal.ts'
import { freePort } from '../../local/bring-up/ports.ts'
import { closeServer, listenAt } from '../../shared/runtime/http/listen.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

const entry = (n: number, type: string) => ({
  id: `e${n}`,
  type,
  service: 'order',
  at: '2030-01-01T00:00:00.000Z',
  data: {},
})
const told = (n: number, type = 'order.placed') =>
  `id: e${n}\nevent: ${type}\ndata: ${JSON.stringify(entry(n, type))}\n\n`
const end = 'event: end\ndata: {"status":"confirmed"}\n\n'

describe('following an order', function () {
  this.timeout(30_000)
  const answers: Answer[] = []
  const asked: (string | undefined)[] = []
  const server = createServer((request, response) => {
    asked.push(request.headers['last-event-id'] as string | undefined)
    const answer = answers.shift()
    if (answer) answer(request, response)
    else response.writeHead(500).end('{}')
  })
  let port = 0
  beforeEach(async () => {
    answers.length = 0
    asked.length = 0
    port = (await listenAt(server, { port: await freePort(), host: '127.0.0.1', variable: 'x' })).port
  })
  afterEach(async () => {
    server.closeAllConnections()
    await closeServer(server)
  })

  const streams =
    (text: string, ends: 'ends' | 'breaks' | 'stays' = 'ends'): Answer =>
    (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(text)
      if (ends === 'ends') response.end()
      // Later than what was written, so that it is read first.
      if (ends === 'breaks') setImmediate(() => setImmediate(() => response.destroy()))
    }
  const followed = async (signal = new AbortController().signal, onEntry = (_: string) => {}) => {
    const heard: string[] = []
    const api = apiClientAt({ url: `http://127.0.0.1:${port}`, key: undefined }, signal)
    const silent = { write: () => true, isTTY: false }
    const terminal = terminalOn({ out: silent, err: silent, input: process.stdin, env: {} })
    const outcome = await follow({ api: () => api, signal, terminal }, 'ord_1', ({ id }) => {
      heard.push(id)
      onEntry(id)
    }).catch((error: unknown) => error)
    return { outcome, heard }
  }

  it('tells everything until the order is settled', async () => {
    answers.push(streams(told(1) + told(2) + end))
    expect(await followed()).to.deep.equal({ outcome: 'settled', heard: ['e1', 'e2'] })
  })

  for (const ends of ['ends', 'breaks'] as const)
    it(`goes on after the last event when a connection ${ends}, and tells nothing twice`, async () => {
      answers.push(streams(told(1) + told(2), ends), streams(told(2) + told(3) + end))
      expect(await followed()).to.deep.equal({ outcome: 'settled', heard: ['e1', 'e2', 'e3'] })
      expect(asked).to.deep.equal([undefined, 'e2'])
    })

  it('waits for an API that is busy or gone for a while', async () => {
    const problem =
      (code: string): Answer =>
      (_, response) =>
        void response.writeHead(503).end(JSON.stringify({ code, detail: code }))
    const gone: Answer = request => request.socket.destroy()
    answers.push(streams(told(1)), problem('tracking-unavailable'), gone, streams(end))
    expect(await followed()).to.deep.equal({ outcome: 'settled', heard: ['e1'] })
    expect(asked).to.deep.equal([undefined, 'e1', 'e1', 'e1'])
  })

  it('is over at once when there will be nothing more', async () => {
    answers.push((_, response) => void response.writeHead(204).end())
    expect(await followed()).to.deep.equal({ outcome: 'settled', heard: [] })
  })

  it('gives up when it is refused', async () => {
    answers.push((_, response) => void response.writeHead(404).end(JSON.stringify({ code: 'order-unknown' })))
    expect((await followed()).outcome).to.include({ code: 'order-unknown' })
    expect(asked).to.have.length(1)
  })

  it('ends when nobody wants it any more', async () => {
    const asking = new AbortController()
    answers.push(streams(told(1), 'stays'))
    const { outcome, heard } = await followed(asking.signal, () => asking.abort())
    expect({ outcome, heard }).to.deep.equal({ outcome: 'aborted', heard: ['e1'] })
  })
})
