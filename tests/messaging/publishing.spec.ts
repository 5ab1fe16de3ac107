import { expect } from 'chai'
import type { Delivery } from '../../shared/messaging/broker.ts'
import { ids, message, outcomeOf } from './messages.ts'
import { adapters, atLeast, brokerPerTest } from './per-test.ts'
import { shortWaitMs } from './subjects.ts'

for (const adapter of adapters)
  describe(`publishing (${adapter.name})`, () => {
    const { subject, publish, publisher, publisherAs, consume, readyIs } = brokerPerTest(adapter)

    it('has a confirmed message in its queue, as it was sent', async () => {
      await publish('m1', { headers: { 'x-attempt': 2, 'x-resend': 'r1' } })
      const [found] = await subject().peek('inventory.inbox')
      expect(found).to.deep.include({ messageId: 'm1', key: 'order.placed', body: '{"id":"m1"}' })
      expect(found?.headers).to.include({ 'x-attempt': 2, 'x-resend': 'r1' })
    })

    it('delivers what was sent: ids, type, body and headers', async () => {
      const { got } = consume('inventory.inbox', 1)
      const headers = { 'x-attempt': 3, 'x-reason': 'store-unavailable', 'x-origin-key': 'order.placed' }
      await publish('m1', { correlationId: 'ord_1', headers })
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
      await publish('m1', { key: 'shipment.scheduled' })
      await readyIs('order.inbox', 1)
      await readyIs('inventory.inbox', 1)
      expect(await subject().ready('payment.inbox')).to.equal(0)
      expect(await subject().ready('shipping.inbox')).to.equal(0)
    })

    it('confirms an event that no service hears: the journal has it', async () => {
      await publish('m1', { key: 'order.confirmed' })
      await publish('m2', { key: 'payment.attempt-failed' })
      expect(await subject().ready('saga.unrouted')).to.equal(0)
    })

    it('keeps what the inboxes do not take in saga.unrouted', async () => {
      await publish('m1', { exchange: 'saga.inboxes', key: 'order.confirmed' })
      expect((await subject().peek('saga.unrouted')).map(({ key }) => key)).to.deep.equal(['order.confirmed'])
    })

    it('rejects a message that no queue takes as unroutable, and confirms its neighbours', async () => {
      const lost = { exchange: 'saga.dlx', key: 'nobody' }
      const outcomes = await Promise.all([
        outcomeOf(publish('m1')),
        outcomeOf(publish('m2', lost)),
        outcomeOf(publish('m2', lost)),
        outcomeOf(publish('m2')),
      ])
      expect(outcomes).to.deep.equal(['resolved', 'publish-unroutable', 'publish-unroutable', 'resolved'])
    })

    it('refuses an exchange that does not exist, and goes on', async () => {
      expect(await outcomeOf(publish('m1', { exchange: 'nowhere' }))).to.equal('broker-refused')
      await publish('m2')
      await readyIs('inventory.inbox', 1)
    })

    it('returns a waiting message to its own inbox alone, when its delay is over', async () => {
      const { got } = consume('payment.inbox', 1)
      const began = Date.now()
      const wait = { exchange: `saga.wait.${shortWaitMs / 1000}s`, key: 'payment.inbox' }
      const type = 'inventory.reserved'
      await publish('m1', { ...wait, type, headers: { 'x-attempt': 1 } })
      await atLeast(got, 1)
      expect(Date.now() - began).to.be.at.least(shortWaitMs - 5)
      expect(got[0]).to.deep.include({ messageId: 'm1', type, headers: { 'x-attempt': 1 } })
      expect(got[0]?.earlierDeliveries).to.equal(0)
      expect(await subject().ready('inventory.inbox')).to.equal(0)
    })

    it('lets a service publish its own events, to its own inbox and its own dead letters, and nothing else', async () => {
      const payment = publisherAs('payment')
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
      const outcomes = ids(50).map(id => outcomeOf(publish(id)))
      await publisher().close(5_000)
      expect(new Set(await Promise.all(outcomes))).to.deep.equal(new Set(['resolved']))
      expect(await outcomeOf(publish('late'))).to.equal('broker-unavailable')
      expect(publisher().connected).to.equal(false)
    })
  })
