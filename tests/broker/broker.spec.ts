import { expect } from 'chai'
import type { Broker, Consumer, Delivery, Publisher } from '../../shared/messaging/broker.ts'
import { needs, rabbitmq } from '../servers.ts'
import { idOf, ids, message, outcomeOf, until } from './messages.ts'
import { memorySubject, rabbitMqSubject, type Subject, shortWaitMs } from './subjects.ts'

type Adapter = { name: string; servers: (() => Promise<unknown>)[]; make: () => Promise<Subject> }

const adapters: readonly Adapter[] = [
  { name: 'in memory', servers: [], make: memorySubject },
  { name: 'RabbitMQ', servers: [rabbitmq], make: rabbitMqSubject },
]

for (const adapter of adapters)
  describe(`a broker (${adapter.name})`, () => {
    let subject: Subject
    let broker: Broker
    let publisher: Publisher
    let others: Publisher[]
    let consumers: Consumer[]

    needs(...adapter.servers)
    beforeEach(async () => {
      subject = await adapter.make()
      broker = subject.as('operator')
      publisher = broker.publisher()
      ;[others, consumers] = [[], []]
    })
    afterEach(async () => {
      await Promise.all(consumers.map(consumer => consumer.close()))
      await Promise.all([publisher, ...others].map(one => one.close(1_000)))
      await subject.stop()
    })

    /** Consumes and keeps every delivery in order of arrival. */
    const consume = (queue: string, prefetch: number, each: (delivery: Delivery) => void = () => {}) => {
      const got: Delivery[] = []
      const starts = { count: 0 }
      const onDelivery = (delivery: Delivery) => {
        got.push(delivery)
        each(delivery)
      }
      const onFreshStart = () => {
        starts.count += 1
      }
      const consumer = broker.consumer({ queue, prefetch, onDelivery, onFreshStart })
      consumers.push(consumer)
      return { consumer, got, starts }
    }
    const publishAll = (messageIds: readonly string[]) =>
      Promise.all(messageIds.map(id => publisher.publish(message(id))))
    const atLeast = (got: readonly unknown[], count: number) =>
      until(`${count} deliveries`, () => got.length >= count)
    const readyIs = (queue: string, count: number) =>
      until(`${count} in ${queue}`, async () => (await subject.ready(queue)) === count)

    it('has a confirmed message in its queue, as it was sent', async () => {
      await publisher.publish(message('m1', { headers: { 'x-attempt': 2, 'x-resend': 'r1' } }))
      const [found] = await subject.peek('inventory.inbox')
      expect(found).to.deep.include({ messageId: 'm1', key: 'order.placed', body: '{"id":"m1"}' })
      expect(found?.headers).to.include({ 'x-attempt': 2, 'x-resend': 'r1' })
    })

    it('delivers what was sent: ids, type, body and headers', async () => {
      const { got } = consume('inventory.inbox', 1)
      const headers = { 'x-attempt': 3, 'x-reason': 'store-unavailable', 'x-origin-key': 'order.placed' }
      await publisher.publish(message('m1', { correlationId: 'ord_1', headers }))
      await atLeast(got, 1)
      const { ack, requeue, body, ...rest } = got[0] as Delivery
      expect(body.toString()).to.equal('{"id":"m1"}')
      expect(rest).to.deep.equal({
        queue: 'inventory.inbox',
        key: 'order.placed',
        contentType: 'application/cloudevents+json',
        type: 'order.placed',
        messageId: 'm1',
        correlationId: 'ord_1',
        headers,
        earlierDeliveries: 0,
      })
      ack()
    })

    it('gives each inbox that hears an event its own copy, and others none', async () => {
      await publisher.publish(message('m1', { key: 'shipment.scheduled' }))
      await readyIs('order.inbox', 1)
      await readyIs('inventory.inbox', 1)
      expect(await subject.ready('payment.inbox')).to.equal(0)
      expect(await subject.ready('shipping.inbox')).to.equal(0)
    })

    it('confirms an event that no service hears: the journal has it', async () => {
      await publisher.publish(message('m1', { key: 'order.confirmed' }))
      await publisher.publish(message('m2', { key: 'payment.attempt-failed' }))
      expect(await subject.ready('saga.unrouted')).to.equal(0)
    })

    it('keeps what the inboxes do not take in saga.unrouted', async () => {
      await publisher.publish(message('m1', { exchange: 'saga.inboxes', key: 'order.confirmed' }))
      expect((await subject.peek('saga.unrouted')).map(({ key }) => key)).to.deep.equal(['order.confirmed'])
    })

    it('rejects a message that no queue takes as unroutable, and confirms its neighbours', async () => {
      const lost = { exchange: 'saga.dlx', key: 'nobody' }
      const outcomes = await Promise.all([
        outcomeOf(publisher.publish(message('m1'))),
        outcomeOf(publisher.publish(message('m2', lost))),
        outcomeOf(publisher.publish(message('m2', lost))),
        outcomeOf(publisher.publish(message('m2'))),
      ])
      expect(outcomes).to.deep.equal(['resolved', 'publish-unroutable', 'publish-unroutable', 'resolved'])
    })

    it('refuses an exchange that does not exist, and goes on', async () => {
      expect(await outcomeOf(publisher.publish(message('m1', { exchange: 'nowhere' })))).to.equal(
        'broker-refused',
      )
      await publisher.publish(message('m2'))
      await readyIs('inventory.inbox', 1)
    })

    it('returns a waiting message to its own inbox alone, when its delay is over', async () => {
      const { got } = consume('payment.inbox', 1)
      const began = Date.now()
      const wait = { exchange: `saga.wait.${shortWaitMs / 1000}s`, key: 'payment.inbox' }
      const type = 'inventory.reserved'
      await publisher.publish(message('m1', { ...wait, type, headers: { 'x-attempt': 1 } }))
      await atLeast(got, 1)
      expect(Date.now() - began).to.be.at.least(shortWaitMs - 5)
      expect(got[0]).to.deep.include({ messageId: 'm1', type, headers: { 'x-attempt': 1 } })
      expect(got[0]?.earlierDeliveries).to.equal(0)
      expect(await subject.ready('inventory.inbox')).to.equal(0)
    })

    it('has no more messages out than the prefetch', async () => {
      await publishAll(ids(20))
      const { got } = consume('inventory.inbox', 5)
      await readyIs('inventory.inbox', 15)
      expect(got.map(idOf)).to.have.members(ids(5))
      for (const delivery of got.slice(0, 2)) delivery.ack()
      await atLeast(got, 7)
      await readyIs('inventory.inbox', 13)
      expect(got).to.have.length(7)
    })

    it('changes the prefetch while messages are out, and neither loses nor repeats one', async () => {
      await publishAll(ids(60))
      const { consumer, got } = consume('inventory.inbox', 1)
      await atLeast(got, 1)
      consumer.prefetch(8)
      await atLeast(got, 8)
      consumer.prefetch(2)
      consumer.prefetch(16)
      let answered = 0
      await until('all answered', () => {
        for (; answered < got.length; answered++) got[answered]?.ack()
        return answered >= 60
      })
      await consumer.close()
      expect(got.map(idOf)).to.have.members(ids(60))
      await readyIs('inventory.inbox', 0)
    })

    it('keeps to a lower prefetch as soon as what was out is answered', async () => {
      await publishAll(ids(30))
      const { consumer, got } = consume('inventory.inbox', 8)
      await atLeast(got, 8)
      consumer.prefetch(2)
      // On RabbitMQ a limit holds for the consumers that start after it, beside what the one before has out.
      const out = adapter.name === 'RabbitMQ' ? 8 + 2 : 8
      await readyIs('inventory.inbox', 30 - out)
      for (const delivery of got.slice()) delivery.ack()
      await atLeast(got, out + 2)
      await readyIs('inventory.inbox', 30 - out - 2)
    })

    it('brings a message that was sent back again, in its place and counted', async () => {
      await publishAll(['m0', 'm1'])
      const { got } = consume('inventory.inbox', 1, delivery => {
        if (delivery.earlierDeliveries < 2) delivery.requeue()
        else delivery.ack()
      })
      await atLeast(got, 6)
      expect(got.map(one => [idOf(one), one.earlierDeliveries])).to.deep.equal([
        ...[0, 1, 2].map(count => ['m0', count]),
        ...[0, 1, 2].map(count => ['m1', count]),
      ])
    })

    it('parks a message that came back more often than the limit of the queue', async () => {
      await publisher.publish(message('m1'))
      const { got } = consume('inventory.inbox', 1, delivery => delivery.requeue())
      await readyIs('inventory.dlq', 1)
      expect(got).to.have.length(51)
      const [parked] = await subject.peek('inventory.dlq')
      expect(parked).to.deep.include({ messageId: 'm1', body: '{"id":"m1"}' })
    })

    it('never acknowledges a gap: what has no answer comes back, what has one does not', async () => {
      await publishAll(ids(12))
      const { consumer, got } = consume('inventory.inbox', 12)
      await atLeast(got, 12)
      for (const [place, delivery] of got.entries()) if (![3, 7].includes(place)) delivery.ack()
      await consumer.close()
      await readyIs('inventory.inbox', 2)
      const left = await subject.peek('inventory.inbox')
      expect(left.map(({ messageId }) => messageId)).to.deep.equal(
        [got[3], got[7]].map(one => one?.messageId),
      )
    })

    it('does not starve behind a delivery that is held', async () => {
      await publishAll(ids(40))
      const { got } = consume('inventory.inbox', 4, delivery => idOf(delivery) === 'm0' || delivery.ack())
      await atLeast(got, 40)
      got[0]?.ack()
      await consumers[0]?.close()
      await readyIs('inventory.inbox', 0)
    })

    it('takes one answer for each delivery', async () => {
      await publishAll(['m0', 'm1'])
      const { consumer, got } = consume('inventory.inbox', 2)
      await atLeast(got, 2)
      got[0]?.ack()
      got[0]?.requeue()
      got[0]?.ack()
      got[1]?.requeue()
      got[1]?.ack()
      await atLeast(got, 3)
      await consumer.close()
      expect(got.map(idOf)).to.deep.equal(['m0', 'm1', 'm1'])
      await readyIs('inventory.inbox', 1)
    })

    it('brings unanswered messages again after a lost connection, and late answers harm nobody', async () => {
      await publishAll(['m0', 'm1'])
      const { consumer, got, starts } = consume('inventory.inbox', 2)
      await atLeast(got, 2)
      await subject.cut('operator')
      await atLeast(got, 4)
      for (const stale of got.slice(0, 2)) stale.ack()
      got[0]?.requeue()
      expect(got.slice(2).map(idOf)).to.have.members(['m0', 'm1'])
      expect(got.slice(2).map(one => one.earlierDeliveries)).to.deep.equal([1, 1])
      expect(starts.count).to.equal(2)
      got[2]?.ack()
      await consumer.close()
      await readyIs('inventory.inbox', 1)
      expect((await subject.peek('inventory.inbox'))[0]?.messageId).to.equal(got[3]?.messageId)
    })

    it('delivers nothing while paused, takes answers, and goes on after resume', async () => {
      await publishAll(['m0', 'm1'])
      const { consumer, got, starts } = consume('inventory.inbox', 1)
      await atLeast(got, 1)
      await consumer.pause()
      expect(consumer.consuming).to.equal(false)
      got[0]?.ack()
      await publisher.publish(message('m2'))
      await readyIs('inventory.inbox', 2)
      expect(got).to.have.length(1)
      consumer.resume()
      await atLeast(got, 2)
      expect(consumer.consuming).to.equal(true)
      expect([got[1]?.messageId, got[1]?.earlierDeliveries]).to.deep.equal(['m1', 0])
      expect(starts.count).to.equal(1)
    })

    it('brings a message again when its handler throws, and goes on', async () => {
      await publishAll(['m0', 'm1'])
      const { got, starts } = consume('inventory.inbox', 1, delivery => {
        if (delivery.earlierDeliveries === 0) throw new Error('the handler has a bug')
        delivery.ack()
      })
      await atLeast(got, 4)
      await readyIs('inventory.inbox', 0)
      expect(starts.count).to.equal(1)
    })

    it('shares a queue between consumers, each message to one of them', async () => {
      const [one, other] = [consume('inventory.inbox', 2), consume('inventory.inbox', 2)]
      await until('both consume', () => one.consumer.consuming && other.consumer.consuming)
      const answering = [one, other].map(({ got }) => ({ got, answered: 0 }))
      await publishAll(ids(30))
      await until('all answered', () => {
        for (const side of answering) while (side.answered < side.got.length) side.got[side.answered++]?.ack()
        return one.got.length + other.got.length >= 30
      })
      expect([...one.got, ...other.got].map(idOf)).to.have.members(ids(30))
      expect([one.got.length, other.got.length]).to.not.include(0)
    })

    it('lets a service publish its own events, to its own inbox and its own dead letters, and nothing else', async () => {
      const payment = subject.as('payment').publisher()
      others.push(payment)
      const wait = `saga.wait.${shortWaitMs / 1000}s`
      const tried: [string, string, string][] = [
        ['saga.events', 'payment.captured', 'resolved'],
        ['saga.events', 'payment.parked', 'resolved'],
        ['saga.events', 'inventory.reserved', 'broker-refused'],
        ['saga.events', 'inventory.parked', 'broker-refused'],
        [wait, 'payment.inbox', 'resolved'],
        [wait, 'order.inbox', 'broker-refused'],
        ['saga.dlx', 'payment', 'resolved'],
        ['saga.dlx', 'order', 'broker-refused'],
        ['saga.inboxes', 'payment.captured', 'broker-refused'],
        ['', 'order.inbox', 'broker-refused'],
      ]
      for (const [exchange, key, outcome] of tried) {
        const answer = await outcomeOf(payment.publish(message('m1', { exchange, key })))
        expect([exchange, key, answer]).to.deep.equal([exchange, key, outcome])
      }
    })

    it('closes a publisher when everything is confirmed, and takes nothing more', async () => {
      const outcomes = ids(50).map(id => outcomeOf(publisher.publish(message(id))))
      await publisher.close(5_000)
      expect(new Set(await Promise.all(outcomes))).to.deep.equal(new Set(['resolved']))
      expect(await outcomeOf(publisher.publish(message('late')))).to.equal('broker-unavailable')
      expect(publisher.connected).to.equal(false)
    })
  })
