import { expect } from 'chai'
import type { Event as Told } from '../../../services/contract/shop.ts'
import type { OutgoingMessage } from '../../../shared/messaging/broker.ts'
import type { ManagementCall } from '../../../shared/messaging/topology/management.ts'
import { SagaError } from '../../../shared/runtime/errors.ts'
import { eventOf, messageOf, newOrder } from '../world.ts'
import { brokenTopologyPerTest, ofExchange, ofInbox } from './broken-topology.ts'

describe('what the inboxes missed while something was missing', function () {
  this.timeout(180_000)
  const broken = brokenTopologyPerTest()
  const { areCaptured, drained, figure, lie, publish, remove, resent, startPayment, watchOf } = broken

  const losses: [string, string][] = [
    ['the binding of an inbox was removed', ofInbox],
    ['the binding between the exchanges was removed', ofExchange],
  ]
  for (const [what, path] of losses)
    it(`[I25] brings every event to its inbox when ${what}, once, and the next look sends nothing`, async () => {
      const watch = broken.watch()
      startPayment()
      await watch.look()
      await remove(path)
      const orders = await publish(250)
      expect(broken.charged()).to.deep.equal([])
      await watch.look()
      await areCaptured(orders)
      await lie('saga.unrouted', 0)
      expect(broken.charged()).to.have.members(orders)
      const sent = [resent(), drained()]
      await watch.look()
      expect([resent(), drained()]).to.deep.equal(sent)
      expect(resent()).to.be.at.least(250)
    })

  it('brings back what lay in a deleted inbox', async () => {
    const watch = broken.watch()
    await watch.look()
    const orders = await publish(3)
    await lie('payment.inbox', 3)
    await remove('queues/VHOST/payment.inbox')
    await watch.look()
    expect(resent()).to.equal(3)
    startPayment()
    await areCaptured(orders)
    expect(broken.charged()).to.have.members(orders)
  })

  it('leaves to the deadline of its order what is older than the last look at which all was well', async () => {
    const watch = broken.watch()
    const world = broken.world()
    await publish(3)
    broken.goAhead(60_000)
    await watch.look()
    await remove('queues/VHOST/payment.inbox')
    await watch.look()
    expect(resent()).to.equal(0)
    expect(await world.ready('payment.inbox')).to.equal(0)
    expect(figure('choreo_recovery_pending')).to.equal(0)
  })

  it('sends only to the inbox that missed it, and only the types whose way was broken', async () => {
    const watch = broken.watch()
    const world = broken.world()
    await watch.look()
    await remove(ofInbox)
    await publish(2)
    await world.publish(messageOf(eventOf('shipment.refused', newOrder(), 'shipping')))
    await lie('payment.inbox', 1)
    const others = await world.ready('inventory.inbox')
    await remove(ofExchange)
    await watch.look()
    expect(resent()).to.equal(2)
    // Two from `saga.unrouted` and the same two from the journal.
    await lie('payment.inbox', 5)
    expect(await world.ready('inventory.inbox')).to.equal(others)
  })

  it('does not send on what its owner did not send', async () => {
    const watch = broken.watch()
    const world = broken.world()
    await watch.look()
    await remove(ofExchange)
    const forged: OutgoingMessage = {
      ...messageOf(eventOf('shipment.refused', newOrder(), 'shipping')),
      key: 'inventory.reserved',
    }
    await world.publish(forged)
    const unread = { ...eventOf('shipment.refused', newOrder(), 'shipping'), version: 99 } as Told
    await world.publish({ ...messageOf(unread), key: 'inventory.reserved' })
    await publish(1)
    await watch.look()
    expect(resent()).to.equal(1)
    await lie('payment.inbox', 1)
  })

  it('sends again what it could not send, after the next look', async () => {
    const world = broken.world()
    let fails = true
    const publisher = () => ({
      ...world.operations.publisher(),
      publish: (message: OutgoingMessage) =>
        fails ? Promise.reject(new SagaError('broker-unavailable', 'x')) : world.publish(message),
    })
    const unlucky = watchOf({ publisher })
    await unlucky.look()
    await remove(ofExchange)
    const orders = await publish(2)
    await unlucky.look()
    expect([resent(), figure('choreo_recovery_pending')]).to.deep.equal([0, 1])
    fails = false
    await unlucky.look()
    expect([resent(), figure('choreo_recovery_pending')]).to.deep.equal([2, 0])
    startPayment()
    await areCaptured(orders)
  })

  it('sends again what was missed also when the answer to the repair was lost', async () => {
    const world = broken.world()
    let lost = false
    const api: ManagementCall = async (method, path, body) => {
      const answer = await world.api(method, path, body)
      if (method !== 'POST' || lost) return answer
      lost = true
      throw new Error('the answer was lost')
    }
    const unlucky = watchOf({ api })
    await unlucky.look()
    await remove(ofExchange)
    const orders = await publish(2)
    await unlucky.look()
    expect([lost, unlucky.sees, resent()]).to.deep.equal([true, false, 0])
    await unlucky.look()
    expect(resent()).to.equal(2)
    startPayment()
    await areCaptured(orders)
  })
})
