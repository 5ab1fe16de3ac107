import { expect } from 'chai'
import { ids, message, outcomeOf, until } from './messages.ts'
import { rabbitMqPerTest } from './rabbitmq-per-test.ts'
import { connectionMethod, startWire, type Wire } from './wire.ts'

describe('RabbitMQ behind a wire that fails', () => {
  const { subject, logged, brokerAt, publisherOf, consumerOf } = rabbitMqPerTest()
  let wire: Wire
  let url: string

  beforeEach(async () => {
    const direct = new URL(subject().urlOf('operator'))
    wire = await startWire(Number(direct.port))
    direct.port = String(wire.port)
    url = direct.href
  })
  afterEach(() => wire.close())

  /** A publisher over the wire that has published `m0`, however long its connection took. */
  const publishing = async (limits: { confirmTimeoutMs: number; window?: number }) => {
    const publisher = publisherOf(brokerAt(url, limits))
    await until('it is connected', () => publisher.connected)
    await publisher.publish(message('m0'))
    return publisher
  }

  it('gives up unconfirmed messages in time, and refuses those that never had their turn', async () => {
    const publisher = await publishing({ confirmTimeoutMs: 300, window: 2 })
    wire.stall()
    const outcomes = await Promise.all(
      ['m1', 'm2', 'm3'].map(id => outcomeOf(publisher.publish(message(id)))),
    )
    expect(outcomes).to.deep.equal(['publish-unconfirmed', 'publish-unconfirmed', 'broker-unavailable'])
    // Their places in the window would never come free, so the channel is replaced.
    expect(publisher.connected).to.equal(false)
    wire.goOn()
    await until('it publishes again', async () => {
      return (await outcomeOf(publisher.publish(message('m4')))) === 'resolved'
    })
  })

  it('holds messages back while it connects, and loses none of them', async () => {
    wire.cut()
    const publisher = publisherOf(brokerAt(url))
    const outcomes = ids(10).map(id => outcomeOf(publisher.publish(message(id))))
    await logged('broker cannot be reached')
    expect(publisher.connected).to.equal(false)
    wire.goOn()
    expect(new Set(await Promise.all(outcomes))).to.deep.equal(new Set(['resolved']))
  })

  it('says that the broker is unavailable when it does not come back in time', async () => {
    const publisher = await publishing({ confirmTimeoutMs: 300 })
    wire.cut()
    await until('it notices', () => !publisher.connected)
    expect(await outcomeOf(publisher.publish(message('m1')))).to.equal('broker-unavailable')
  })

  it('sends nothing while the broker blocks publishers, and goes on when it takes them again', async () => {
    const publisher = await publishing({ confirmTimeoutMs: 300 })
    wire.inject(connectionMethod(60, Buffer.from('\x0alow memory', 'latin1')))
    await logged('low memory')
    expect(await outcomeOf(publisher.publish(message('m1')))).to.equal('broker-unavailable')
    const held = outcomeOf(publisher.publish(message('m2')))
    wire.inject(connectionMethod(61))
    expect(await held).to.equal('resolved')
    const found = await subject().peek('inventory.inbox')
    expect(found.map(({ messageId }) => messageId)).to.deep.equal(['m0', 'm2'])
  })

  it('ends in time when the broker does not answer', async () => {
    const broker = brokerAt(url, { confirmTimeoutMs: 10_000 })
    const [publisher, consumer] = [broker.publisher(), consumerOf(broker, 'inventory.inbox', () => {})]
    await publisher.publish(message('m0'))
    await until('it consumes', () => consumer.consuming)
    wire.stall()
    const lost = outcomeOf(publisher.publish(message('m1')))
    const began = Date.now()
    await Promise.all([publisher.close(500), consumer.close()])
    expect(Date.now() - began).to.be.below(8_000)
    expect(await lost).to.equal('publish-unconfirmed')
  })
})
