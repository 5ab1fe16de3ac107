import { createServer, type Server } from 'node:http'
import { expect } from 'chai'
import { freePort } from '../../local/bring-up/ports.ts'
import { connectOnce } from '../../shared/messaging/amqp/connection.ts'
import { managementApi } from '../../shared/messaging/topology/management.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'
import { idOf, message, outcomeOf, until } from './messages.ts'
import { rabbitMqPerTest } from './rabbitmq-per-test.ts'
import { startWire, type Wire } from './wire.ts'

describe('a broker with several addresses', () => {
  const { subject, lines, brokerAt, publisherOf, consumerOf } = rabbitMqPerTest()
  let wires: readonly [Wire, Wire]
  let urls: readonly [string, string]

  beforeEach(async () => {
    const direct = new URL(subject().urlOf('operator'))
    wires = [await startWire(Number(direct.port)), await startWire(Number(direct.port))]
    const over = (wire: Wire) => Object.assign(new URL(direct), { port: String(wire.port) }).href
    urls = [over(wires[0]), over(wires[1])]
  })
  afterEach(async () => {
    await Promise.all(wires.map(wire => wire.close()))
  })

  const upOn = (wire: Wire) =>
    lines().filter(line => /connection is up/.test(line) && line.includes(String(wire.port))).length
  /** One connection more each time: which address is first is left to chance. */
  const openUntilBothAreUsed = async () => {
    const broker = brokerAt(urls.join(','))
    while (upOn(wires[0]) === 0 || upOn(wires[1]) === 0) {
      const publisher = publisherOf(broker)
      await until('it is connected', () => publisher.connected)
    }
  }

  it('gets its connections spread over them', async () => {
    await openUntilBothAreUsed()
  })

  it('is published to and consumed over another one when one is lost, and another time when that is lost', async () => {
    const broker = brokerAt(urls.join(','))
    const got = new Set<string>()
    const publisher = publisherOf(broker)
    consumerOf(broker, 'inventory.inbox', delivery => {
      got.add(idOf(delivery))
      delivery.ack()
    })
    for (const [round, lost] of [wires[0], wires[1], wires[0]].entries()) {
      lost.cut()
      await until('it publishes again', async () => {
        return (await outcomeOf(publisher.publish(message(`m${round}`)))) === 'resolved'
      })
      await until('it is delivered', () => got.has(`m${round}`))
      lost.goOn()
    }
  })

  it('is published to over another one when nothing is confirmed over one that stays connected', async () => {
    const publisher = publisherOf(brokerAt(urls.join(','), { confirmTimeoutMs: 300 }))
    await publisher.publish(message('m0'))
    const used = upOn(wires[0]) > 0 ? wires[0] : wires[1]
    used.stall()
    expect(await outcomeOf(publisher.publish(message('m1')))).to.equal('publish-unconfirmed')
    await until('it publishes again', async () => {
      return (await outcomeOf(publisher.publish(message('m2')))) === 'resolved'
    })
    used.goOn()
  })

  it('is reached once over the first that answers; a refusal says more than a node that is away', async () => {
    wires[0].cut()
    const options = { name: 'once', clock: systemClock, log: silentLog }
    const model = await connectOnce({ ...options, url: urls.join(',') })
    await model.close()
    const refused = urls.map(url => Object.assign(new URL(url), { password: 'wrong' }).href)
    expect(await outcomeOf(connectOnce({ ...options, url: refused.toReversed().join(',') }))).to.equal(
      'broker-refused',
    )
    wires[1].cut()
    expect(await outcomeOf(connectOnce({ ...options, url: urls.join(',') }))).to.equal('broker-unavailable')
  })
})

describe('a management API with several addresses', () => {
  const servers: Server[] = []
  const asked: number[] = []
  const serverThat = async (answers: 'answers' | 'refuses' | 'hangs'): Promise<string> => {
    const n = servers.length
    const server = createServer((_, response) => {
      asked.push(n)
      if (answers === 'answers') response.end('{"n":1}')
      if (answers === 'refuses') response.writeHead(401).end()
    })
    servers.push(server)
    const port = await freePort()
    await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
    return `http://127.0.0.1:${port}`
  }
  const apiOf = (urls: readonly string[], ms?: number) =>
    managementApi({ managementUrl: urls.join(','), adminUser: 'a', adminPassword: 'b' }, ms)

  afterEach(async () => {
    asked.length = 0
    for (const server of servers.splice(0)) {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    }
  })

  it('asks the next one when one does not answer, and that one first from then on', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`
    const api = apiOf([nobody, await serverThat('hangs'), await serverThat('answers')], 300)
    expect(await api('GET', '/api/overview')).to.deep.equal({ n: 1 })
    expect(await api('GET', '/api/overview')).to.deep.equal({ n: 1 })
    expect(asked).to.deep.equal([0, 1, 1])
  })

  it('takes a refusal for an answer', async () => {
    const api = apiOf([await serverThat('refuses'), await serverThat('answers')])
    expect(await outcomeOf(api('GET', '/api/overview'))).to.equal('broker-refused')
    expect(asked).to.deep.equal([0])
  })

  it('is away when none answers', async () => {
    const nobody = [await freePort(), await freePort()].map(port => `http://127.0.0.1:${port}`)
    expect(await outcomeOf(apiOf(nobody)('GET', '/api/overview'))).to.equal('broker-unavailable')
  })
})
