import { type Channel, connect, type GetMessage } from 'amqplib'
import { expect } from 'chai'
import type { Delivery } from '../../shared/messaging/broker.ts'
import { idOf, message, until } from './messages.ts'
import { rabbitMqPerTest } from './rabbitmq-per-test.ts'
import { type BrokerVersion, brokerVersion } from './version.ts'

const queue = 'inventory.inbox'

describe('where versions of RabbitMQ differ', () => {
  const { subject, logged, brokerAt, publisherOf, consumerOf } = rabbitMqPerTest()
  let version: BrokerVersion
  beforeEach(async () => {
    version = await brokerVersion()
  })

  /** Works on a channel of the operator. */
  const onChannel = async <T>(work: (channel: Channel) => Promise<T>): Promise<T> => {
    const connection = await connect(subject().urlOf('operator'))
    return work(await connection.createChannel()).finally(() => connection.close())
  }
  /** The message that lies in the inbox, with what its queue counted so far. */
  const taken = async (channel: Channel): Promise<GetMessage> => {
    let found: GetMessage | false = false
    await until('the message', async () => {
      found = await channel.get(queue)
      return found !== false
    })
    return found as unknown as GetMessage
  }
  const countOf = ({ properties }: GetMessage): number => properties.headers?.['x-delivery-count'] ?? 0

  it('runs on the one that was asked for', () => {
    const [major, minor] = process.env.CHOREO_RABBITMQ_ROOT ? [4, 3] : [3, 10]
    expect(version.atLeast(major as number, minor as number), version.text).to.equal(true)
  })

  it('counts what was rejected; from 4.3 on it counts no nack, and a killer message would go round for ever', async () => {
    await publisherOf(subject().as('operator')).publish(message('m1'))
    const counts = await onChannel(async channel => {
      for (let times = 0; times < 3; times++) channel.nack(await taken(channel), false, true)
      const nacked = await taken(channel)
      channel.reject(nacked, true)
      return [countOf(nacked), countOf(await taken(channel))]
    })
    expect(counts).to.deep.equal(version.atLeast(4, 3) ? [0, 1] : [3, 4])
  })

  it('uses nothing that RabbitMQ is about to give up', async function () {
    if (!version.atLeast(4, 0)) this.skip()
    expect(await subject().api('GET', '/api/deprecated-features/used')).to.deep.equal([])
  })

  it('comes back when the broker cancels a consumer that holds a delivery too long', async function () {
    // Before 4.3 the limit is one for the whole broker, and looked at once a minute.
    if (!version.atLeast(4, 3)) this.skip()
    const slow = { durable: true, arguments: { 'x-queue-type': 'quorum', 'x-consumer-timeout': 1_000 } }
    await onChannel(channel => channel.assertQueue('slow', slow))
    const got: Delivery[] = []
    const broker = brokerAt(subject().urlOf('operator'))
    const consumer = consumerOf(broker, 'slow', delivery => got.push(delivery))
    await publisherOf(broker).publish(message('m1', { exchange: '', key: 'slow' }))
    await logged('the broker cancelled a consumer')
    await until('it comes again', () => got.length === 2)
    got[0]?.ack()
    expect(got.map(idOf)).to.deep.equal(['m1', 'm1'])
    got[1]?.ack()
    await consumer.close()
    await until('it is acknowledged', async () => (await subject().ready('slow')) === 0)
  })
})
