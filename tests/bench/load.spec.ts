import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { untilAllEnded, untilEnded } from '../../bench/load/ends.ts'
import { callerOf } from '../../bench/load/http.ts'
import { inTurn } from '../../bench/load/in-turn.ts'
import { closedLoop, openLoop } from '../../bench/load/loops.ts'
import { offerer, type Tally } from '../../bench/load/offer.ts'
import { type Answer, responseIn } from '../../bench/load/response.ts'
import type { LoadSpec } from '../../bench/load/spec.ts'
import { workloads } from '../../bench/workloads.ts'

const answer = (status: number, body: object = {}, retryAfter = false): Answer => ({
  ...{ status, retryAfter, body: JSON.stringify(body) },
})
const accepted = answer(202, { orderId: 'ord_1', total: 5 })

const specOf = (loop: LoadSpec['loop'], more: Partial<LoadSpec> = {}): LoadSpec => ({
  ...{ urls: ['http://127.0.0.1:1'], workload: 'order', from: 7, loop, seconds: 60, out: '' },
  ...{ watchEvery: Number.MAX_SAFE_INTEGER, settleSeconds: 1, awaitEnds: true, ...more },
})

const emptyTally = (): Tally => ({
  ...{ accepted: [], submitMs: [], watched: [], watches: [] },
  ...{ refused: 0, refusedWithoutHint: 0, failed: 0 },
})

/** A caller that is answered these in turn, and what it was asked. */
const answeredBy = (...answers: Answer[]) => {
  const asked: string[] = []
  const call = async (method: string, path: string) => {
    asked.push(`${method} ${path}`)
    return answers.shift() ?? answer(500)
  }
  return { asked, caller: { call, close: () => {} } }
}

const offered = async (loop: LoadSpec['loop'], ...answers: Answer[]) => {
  const { asked, caller } = answeredBy(...answers)
  const tally = emptyTally()
  const parts = { caller, spec: specOf(loop), workload: workloads.cancel, began: 0, tally }
  // The fifth order is one that is cancelled, the first of this number is not.
  await offerer(parts)(1, performance.now())
  return { asked, tally }
}

describe('an order that is offered', () => {
  it('comes again in a closed loop until it is accepted', async () => {
    const { asked, tally } = await offered({ callers: 1 }, answer(429, {}, true), answer(503), accepted)
    expect(asked).to.have.length(3)
    expect(tally).to.include({ refused: 2, refusedWithoutHint: 1, failed: 0 })
    expect(tally.accepted).to.have.length(1)
  })

  it('stays away in an open loop when it is refused', async () => {
    const { asked, tally } = await offered({ perSecond: 1 }, answer(429, {}, true), accepted)
    expect(asked).to.have.length(1)
    expect(tally).to.include({ refused: 1, refusedWithoutHint: 0 })
    expect(tally.accepted).to.deep.equal([])
  })

  for (const status of [0, 400, 500])
    it(`has failed when it is answered ${status}`, async () => {
      const { tally } = await offered({ callers: 1 }, answer(status), accepted)
      expect(tally).to.include({ failed: 1, refused: 0 })
    })

  it('is cancelled right after its acceptance when its workload says so', async () => {
    const { asked, caller } = answeredBy(accepted, answer(202))
    const tally = emptyTally()
    const parts = { caller, spec: specOf({ callers: 1 }), workload: workloads.cancel, began: 0, tally }
    await offerer(parts)(5, performance.now())
    expect(asked).to.deep.equal(['POST /orders', 'POST /orders/ord_1/cancel'])
    expect(tally.accepted[0]?.cancelAskedAt).to.be.a('number')
  })
})

describe('the APIs of a system', () => {
  it('are called in turn, each as if it were the only one', async () => {
    const [first, second] = [answeredBy(accepted, answer(200)), answeredBy(answer(429))]
    const { call } = inTurn([first.caller, second.caller])
    const statuses = []
    for (const path of ['/a', '/b', '/c']) statuses.push((await call('GET', path)).status)
    expect(statuses).to.deep.equal([202, 429, 200])
    expect([first.asked, second.asked]).to.deep.equal([['GET /a', 'GET /c'], ['GET /b']])
  })

  it('are closed together', () => {
    let closed = 0
    const door = () => ({ ...answeredBy().caller, close: () => void closed++ })
    inTurn([door(), door()]).close()
    expect(closed).to.equal(2)
  })
})

describe('the loops', () => {
  it('send at their own times when open, however slow the answers are', async () => {
    const dues: number[] = []
    const spec = specOf({ perSecond: 200 }, { orders: 5 })
    const began = performance.now()
    await openLoop(spec, began, 200, async (_, due) => void dues.push(due))
    expect(dues).to.deep.equal([0, 5, 10, 15, 20].map(ms => began + ms))
  })

  it('have just so many requests under way when closed', async () => {
    let [now, most] = [0, 0]
    const numbers: number[] = []
    await closedLoop(specOf({ callers: 3 }, { orders: 10 }), performance.now(), 3, async n => {
      numbers.push(n)
      now += 1
      most = Math.max(most, now)
      await new Promise(resolve => setImmediate(resolve))
      now -= 1
    })
    expect(most).to.equal(3)
    expect(numbers).to.deep.equal([7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
  })
})

describe('an order that is watched', () => {
  const ended = answer(200, { status: 'rejected' })
  const open = answer(200, { status: 'placed' })

  it('is asked for until it has ended', async () => {
    const { asked, caller } = answeredBy(open, answer(503), open, ended)
    const now = performance.now()
    expect(await untilEnded(caller, 'a', { since: now, until: now + 10_000, leastMs: 1, share: 0 })).to.equal(
      true,
    )
    expect(asked).to.have.length(4)
  })

  it('is given up after its time', async () => {
    const { caller } = answeredBy()
    const past = performance.now() - 10
    expect(await untilEnded(caller, 'a', { since: past, until: past, leastMs: 1, share: 0 })).to.equal(false)
  })
})

describe('the end of a run', () => {
  const later = () => performance.now() + 10_000
  const settled = answer(200, { status: 'confirmed', awaiting: [] })
  const none = answer(200, { orders: [] })

  it('is when the last orders await nothing, and none is listed as open', async () => {
    const half = answer(200, { status: 'confirmed', awaiting: ['inventory.consumed'] })
    const some = answer(200, { orders: [{}] })
    const { asked, caller } = answeredBy(half, settled, settled, some, answer(503), none)
    expect(await untilAllEnded(caller, ['a', 'b'], later())).to.equal(true)
    expect(asked.slice(0, 3)).to.deep.equal(['GET /orders/b', 'GET /orders/b', 'GET /orders/a'])
    expect(asked).to.have.length(6)
  })

  it('does not come when an order stays open', async () => {
    const { caller } = answeredBy()
    expect(await untilAllEnded(caller, ['a'], performance.now())).to.equal(false)
  })
})

describe('the client of the generator', () => {
  const serving = async (listener: RequestListener, task: (url: string) => Promise<void>) => {
    const server = createServer(listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await task(`http://127.0.0.1:${port}`).finally(() => {
      server.close()
      server.closeAllConnections()
    })
  }

  it('sends what it is given and reads whole answers, however they come', () =>
    serving(
      (request, response) => {
        let text = ''
        request.on('data', some => {
          text += some
        })
        request.on('end', () => {
          if (request.method === 'POST') response.writeHead(202)
          else response.writeHead(429, { 'retry-after': '1' })
          // Without a length: in chunks.
          response.write(`${request.method} ${request.url} `)
          setImmediate(() => response.end(text))
        })
      },
      async url => {
        const caller = callerOf(url)
        const answers = await Promise.all([
          caller.call('POST', '/orders', '{"é":1}'),
          caller.call('GET', '/x'),
        ])
        expect(answers.map(({ status, retryAfter, body }) => [status, retryAfter, body])).to.deep.equal([
          [202, false, 'POST /orders {"é":1}'],
          [429, true, 'GET /x '],
        ])
        caller.close()
      },
    ))

  it('uses a connection again, but not one that the server closes', () => {
    const ports: (number | undefined)[] = []
    return serving(
      (request, response) => {
        ports.push(request.socket.remotePort)
        if (request.url === '/last') response.setHeader('connection', 'close')
        response.end('{}')
      },
      async url => {
        const caller = callerOf(url)
        for (const path of ['/a', '/last', '/b'])
          expect((await caller.call('GET', path)).status).to.equal(200)
        const [first, last, other] = ports
        expect(last).to.equal(first)
        expect(other).to.not.equal(first)
        caller.close()
      },
    )
  })

  it('answers 0 when there is no answer', async () => {
    await serving(
      request => request.socket.destroy(),
      async url => {
        expect((await callerOf(url).call('GET', '/')).status).to.equal(0)
      },
    )
  })

  it('waits for what is missing of an answer', () => {
    const whole = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd')
    for (let length = 0; length < whole.length; length++)
      expect(responseIn(whole.subarray(0, length))).to.equal(undefined)
    expect(responseIn(whole)?.answer).to.deep.equal({ status: 200, retryAfter: false, body: 'abcd' })
    const chunks = Buffer.from(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n',
    )
    for (let length = 0; length < chunks.length; length++)
      expect(responseIn(chunks.subarray(0, length))).to.equal(undefined)
    expect(responseIn(chunks)?.answer.body).to.equal('abc')
  })
})
