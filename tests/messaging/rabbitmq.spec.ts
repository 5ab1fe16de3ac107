import { connect } from 'amqplib'
import { expect } from 'chai'
import { shopTopology } from '../../rabbitmq/participants.ts'
import type { Delivery } from '../../shared/messaging/broker.ts'
import { applyDefinitions } from '../../shared/messaging/topology/apply.ts'
import { renderDefinitions } from '../../shared/messaging/topology/definitions.ts'
import { managementApi } from '../../shared/messaging/topology/management.ts'
import { rabbitmq } from '../support/servers.ts'
import { idOf, ids, message, outcomeOf, until } from './messages.ts'
import { rabbitMqPerTest } from './rabbitmq-per-test.ts'
import { shortWaitMs } from './subjects.ts'

describe('RabbitMQ', () => {
  const { subject, lines, logged, brokerAt, publisherOf, consumerOf } = rabbitMqPerTest()

  it('answers every publish while connections are killed, and what it confirmed is there', async () => {
    const broker = brokerAt(subject().urlOf('operator'), { window: 64 })
    const publisher = publisherOf(broker)
    const arrived = new Set<string>()
    consumerOf(broker, 'inventory.inbox', delivery => {
      arrived.add(idOf(delivery))
      delivery.ack()
    })
    const confirmed = new Set<string>()
    const codes = new Set<string>()
    const send = async (id: string): Promise<void> => {
      const outcome = await outcomeOf(publisher.publish(message(id)))
      if (outcome === 'resolved') return void confirmed.add(id)
      codes.add(outcome)
      return send(id)
    }
    const all = Promise.all(ids(3_000).map(send))
    for (const share of [300, 1_200, 2_100]) {
      await until(`${share} confirmed`, () => confirmed.size > share)
      await subject().cut('operator')
    }
    await all
    expect([...codes]).to.deep.equal(['publish-unconfirmed'])
    await until('all arrived', () => arrived.size === 3_000)
  })

  it('comes back when its queue was deleted and is there again', async () => {
    const broker = brokerAt(subject().urlOf('operator'))
    const got: string[] = []
    const consumer = consumerOf(broker, 'inventory.inbox', delivery => {
      got.push(idOf(delivery))
      delivery.ack()
    })
    await until('it consumes', () => consumer.consuming)
    const path = `/api/queues/${subject().vhost}/inventory.inbox`
    await subject().api('DELETE', path)
    await until('it notices', () => !consumer.consuming)
    await logged('404')
    await subject().api('PUT', path, { durable: true, arguments: { 'x-queue-type': 'quorum' } })
    await until('it consumes again', () => consumer.consuming)
    await publisherOf(broker).publish(message('m1', { exchange: '', key: 'inventory.inbox' }))
    await until('the delivery', () => got.includes('m1'))
  })

  it('refuses a service to read the inbox of another, or to declare anything', async () => {
    const payment = subject().as('payment')
    const own: string[] = []
    const foreign: string[] = []
    const reader = consumerOf(brokerAt(subject().urlOf('payment')), 'order.inbox', one =>
      foreign.push(idOf(one)),
    )
    const owner = consumerOf(payment, 'payment.inbox', delivery => {
      own.push(idOf(delivery))
      delivery.ack()
    })
    await logged('403')
    await until('its own is consumed', () => owner.consuming)
    const operator = publisherOf(subject().as('operator'))
    await operator.publish(message('m1', { key: 'shipment.refused' }))
    await until('the own delivery', () => own.includes('m1'))
    expect([reader.consuming, foreign.length]).to.deep.equal([false, 0])
    expect(await declare('payment', 'mine')).to.equal(403)
    expect(await declare('operator', 'mine')).to.equal('declared')
  })

  const declare = async (user: string, queue: string): Promise<unknown> => {
    const connection = await connect(subject().urlOf(user))
    const channel = await connection.createChannel()
    channel.on('error', () => {})
    const outcome = await channel.assertQueue(queue, { durable: true }).then(
      () => 'declared',
      error => error.code,
    )
    await connection.close()
    return outcome
  }

  it('passes on no headers but those that travel, whatever brokers and strangers add', async () => {
    const got: Delivery[] = []
    consumerOf(subject().as('operator'), 'payment.inbox', delivery => got.push(delivery))
    const connection = await connect(subject().urlOf('operator'))
    const channel = await connection.createConfirmChannel()
    const headers = { 'x-attempt': 'many', 'x-reason': 'because', stranger: 1, 'x-delivery-count': 7 }
    const wait = `saga.wait.${shortWaitMs / 1000}s`
    channel.publish(wait, 'payment.inbox', Buffer.from('{}'), { persistent: true, headers })
    await channel.waitForConfirms()
    await until('the delivery', () => got.length > 0)
    expect(got[0]?.headers).to.deep.equal({ 'x-reason': 'because' })
    expect(got[0]?.earlierDeliveries).to.equal(0)
    await connection.close()
  })

  it('marks messages as durable, with their time in seconds and their sender', async () => {
    const before = Math.floor(Date.now() / 1000)
    await publisherOf(subject().as('order')).publish(message('m1'))
    const how = { count: 1, ackmode: 'ack_requeue_true', encoding: 'auto' }
    const got = await subject().api('POST', `/api/queues/${subject().vhost}/inventory.inbox/get`, how)
    const [{ properties }] = got as [{ properties: Record<string, unknown> }]
    expect(properties).to.include({ delivery_mode: 2, app_id: 'order', type: 'order.placed' })
    expect(properties.timestamp).to.be.within(before, before + 60)
  })

  it('gives up a channel on which publishes are refused, not before its time, and its neighbours go on', async () => {
    const policy = `/api/policies/${subject().vhost}/full`
    const full = {
      pattern: '^inventory.inbox$',
      priority: 9,
      definition: { 'max-length': 1, overflow: 'reject-publish' },
    }
    await subject().api('PUT', policy, full)
    const publisher = publisherOf(brokerAt(subject().urlOf('operator')))
    const refusedAt = async () => {
      await until('it is refused', async () => {
        return (await outcomeOf(publisher.publish(message('m1')))) === 'publish-rejected'
      })
      return Date.now()
    }
    const replaced = () => lines().filter(line => line.includes('another channel is opened')).length
    const first = await refusedAt()
    const others: Promise<string>[] = []
    await until('the channel is replaced', async () => {
      others.push(outcomeOf(publisher.publish(message(`o${others.length}`, { key: 'payment.captured' }))))
      return (await refusedAt()) > 0 && replaced() === 1
    })
    expect(Date.now() - first).to.be.above(1_000)
    expect(new Set(await Promise.all(others)), 'what goes elsewhere').to.deep.equal(new Set(['resolved']))
    const second = await refusedAt()
    await until('it is replaced again', async () => (await refusedAt()) > 0 && replaced() === 2)
    expect(Date.now() - second, 'later than before').to.be.above(3_000)
    await publisher.publish(message('m2', { key: 'payment.captured' }))
    await subject().api('DELETE', policy)
    await publisher.publish(message('m3'))
    expect(replaced()).to.equal(2)
  })

  it('closes only when the answers given before are with the broker', async () => {
    const broker = brokerAt(subject().urlOf('operator'))
    const publisher = publisherOf(broker)
    await Promise.all(ids(200).map(id => publisher.publish(message(id))))
    for (let round = 0; round < 4; round++) {
      let count = 0
      const consumer = broker.consumer({
        queue: 'inventory.inbox',
        prefetch: 50,
        onDelivery: delivery => {
          count += 1
          if (count <= 50) delivery.ack()
        },
      })
      await until('50 deliveries', () => count >= 50)
      await consumer.close()
    }
    await until('all are acknowledged', async () => (await subject().ready('inventory.inbox')) === 0)
  })

  it('never logs a password, right or wrong', async () => {
    const wrong = new URL(subject().urlOf('operator'))
    wrong.password = 'not-the-password'
    publisherOf(brokerAt(wrong.href))
    await logged('the broker refuses the connection')
    await publisherOf(brokerAt(subject().urlOf('operator'))).publish(message('m1'))
    expect(lines().join('\n')).to.not.match(/secret|not-the-password/)
    expect(() => brokerAt('http://user:hush@host').publisher())
      .to.throw('config-invalid')
      .not.match(/hush/)
  })

  it('takes the same definitions again and keeps what is in the queues', async () => {
    await publisherOf(subject().as('order')).publish(message('m1'))
    const admin = await rabbitmq()
    const definitions = renderDefinitions(shopTopology(), {
      ...{ vhost: subject().vhost, userPrefix: `${subject().vhost}-` },
    })
    await applyDefinitions(managementApi(admin), definitions)
    expect(await subject().ready('inventory.inbox')).to.equal(1)
    const nobody = applyDefinitions(managementApi({ ...admin, adminPassword: 'wrong' }), definitions)
    expect(await outcomeOf(nobody)).to.equal('broker-refused')
    // Definitions without secrets leave users that no password opens.
    const outcome = await connect(subject().urlOf('order')).then(
      () => 'open',
      () => 'refused',
    )
    expect(outcome).to.equal('refused')
  })

  it('takes one policy for each queue, with all of its keys', async () => {
    const policies = (await subject().api('GET', `/api/policies/${subject().vhost}`)) as Record<
      string,
      unknown
    >[]
    const definitionOf = (queue: string) =>
      policies
        .filter(({ pattern }) => new RegExp(String(pattern)).test(queue))
        .map(({ definition }) => definition)
    expect(definitionOf('saga.journal')).to.deep.equal([{ 'max-age': '7D' }])
    expect(definitionOf('payment.inbox')).to.deep.equal([
      {
        'delivery-limit': 50,
        'dead-letter-exchange': 'saga.dlx',
        'dead-letter-routing-key': 'payment',
        'dead-letter-strategy': 'at-least-once',
        overflow: 'reject-publish',
        'max-length': 1_000_000,
      },
    ])
  })
})
