import { expect } from 'chai'
import { idOf, ids, until } from './messages.ts'
import { adapters, atLeast, brokerPerTest } from './per-test.ts'

for (const adapter of adapters)
  describe(`consuming (${adapter.name})`, () => {
    const { subject, publish, publishAll, consume, readyIs } = brokerPerTest(adapter)

    it('has no more messages out than the prefetch', async () => {
      await publishAll(ids(20))
      const { got } = consume('inventory.inbox', 5)
      await atLeast(got, 5)
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
      await publish('m1')
      const { got } = consume('inventory.inbox', 1, delivery => delivery.requeue())
      await readyIs('inventory.dlq', 1)
      expect(got).to.have.length(51)
      const [parked] = await subject().peek('inventory.dlq')
      expect(parked).to.deep.include({ messageId: 'm1', body: '{"id":"m1"}' })
    })

    it('never acknowledges a gap: what has no answer comes back, what has one does not', async () => {
      await publishAll(ids(12))
      const { consumer, got } = consume('inventory.inbox', 12)
      await atLeast(got, 12)
      for (const [place, delivery] of got.entries()) if (![3, 7].includes(place)) delivery.ack()
      await consumer.close()
      await readyIs('inventory.inbox', 2)
      const left = await subject().peek('inventory.inbox')
      expect(left.map(({ messageId }) => messageId)).to.deep.equal(
        [got[3], got[7]].map(one => one?.messageId),
      )
    })

    it('does not starve behind a delivery that is held', async () => {
      await publishAll(ids(40))
      const { consumer, got } = consume(
        'inventory.inbox',
        4,
        delivery => idOf(delivery) === 'm0' || delivery.ack(),
      )
      await atLeast(got, 40)
      got[0]?.ack()
      await consumer.close()
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
      await subject().cut('operator')
      await atLeast(got, 4)
      for (const stale of got.slice(0, 2)) stale.ack()
      got[0]?.requeue()
      expect(got.slice(2).map(idOf)).to.have.members(['m0', 'm1'])
      expect(got.slice(2).map(one => one.earlierDeliveries)).to.deep.equal([1, 1])
      expect(starts.count).to.equal(2)
      got[2]?.ack()
      await consumer.close()
      await readyIs('inventory.inbox', 1)
      expect((await subject().peek('inventory.inbox'))[0]?.messageId).to.equal(got[3]?.messageId)
    })

    it('delivers nothing while paused, takes answers, and goes on after resume', async () => {
      await publishAll(['m0', 'm1'])
      const { consumer, got, starts } = consume('inventory.inbox', 1)
      await atLeast(got, 1)
      await consumer.pause()
      expect(consumer.consuming).to.equal(false)
      got[0]?.ack()
      await publish('m2')
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
  })
