import { expect } from 'chai'
import fc from 'fast-check'
import { shopTopology } from '../../../rabbitmq/participants.ts'
import type { Delivery } from '../../../shared/messaging/broker.ts'
import { type MemoryBroker, memoryBroker } from '../../../shared/messaging/memory/broker.ts'
import { type ManualClock, manualClock } from '../../support/manual-clock.ts'
import { idOf, ids, message, outcomeOf } from '../messages.ts'

const topology = shopTopology()

/** A broker whose every hop takes as long as the next of these latencies, in turns. */
const brokerWith = (latencies: readonly number[] = [0]): { clock: ManualClock; broker: MemoryBroker } => {
  const clock = manualClock()
  let hops = 0
  const latency = () => latencies[hops++ % latencies.length] ?? 0
  return { clock, broker: memoryBroker({ topology, clock, latency }) }
}

describe('the broker in memory', () => {
  it('does nothing that the clock does not make it do', async () => {
    const { clock, broker } = brokerWith([10])
    const outcome = outcomeOf(broker.publisher().publish(message('m1')))
    await clock.advance(9)
    expect(broker.depth('inventory.inbox').ready).to.equal(0)
    await clock.advance(1)
    expect(broker.depth('inventory.inbox').ready).to.equal(1)
    await clock.advance(10)
    expect(await outcome).to.equal('resolved')
  })

  it('leaves the sender in doubt when the connection is cut before the confirm, taken or not', async () => {
    for (const [cutAt, taken] of [
      [5, 0],
      [15, 1],
    ] as const) {
      const { clock, broker } = brokerWith([10])
      const outcome = outcomeOf(broker.publisher().publish(message('m1')))
      await clock.advance(cutAt)
      broker.dropConnections()
      await clock.advance(100)
      expect(await outcome).to.equal('publish-unconfirmed')
      expect(broker.depth('inventory.inbox').ready).to.equal(taken)
    }
  })

  it('cuts the connections of one user and leaves the others alone', async () => {
    const { clock, broker } = brokerWith()
    const got: Record<string, Delivery[]> = { order: [], inventory: [] }
    for (const user of ['order', 'inventory'])
      broker
        .as(user)
        .consumer({ queue: `${user}.inbox`, prefetch: 1, onDelivery: one => got[user]?.push(one) })
    void broker.publisher().publish(message('m1', { key: 'shipment.scheduled' }))
    await clock.advance(1)
    broker.dropConnections('order')
    await clock.advance(1)
    expect(got.order?.map(one => one.earlierDeliveries)).to.deep.equal([0, 1])
    got.order?.[0]?.ack()
    expect(broker.depth('order.inbox')).to.deep.equal({ ready: 0, unacked: 1 })
    expect(got.inventory).to.have.length(1)
    expect(broker.depth('inventory.inbox')).to.deep.equal({ ready: 0, unacked: 1 })
  })

  it('keeps a message waiting exactly as long as its queue says', async () => {
    const { clock, broker } = brokerWith()
    void broker.publisher().publish(message('m1', { exchange: 'saga.wait.4s', key: 'payment.inbox' }))
    await clock.advance(3_999)
    expect(broker.peek('saga.wait.4s').map(one => one.messageId)).to.deep.equal(['m1'])
    await clock.advance(1)
    expect(broker.peek('payment.inbox').map(one => one.messageId)).to.deep.equal(['m1'])
    expect(broker.depth('saga.wait.4s').ready).to.equal(0)
  })

  it('nacks what a full queue refuses', async () => {
    const clock = manualClock()
    const policies = topology.policies.map(policy => ({
      ...policy,
      definition: { ...policy.definition, 'max-length': 2 },
    }))
    const broker = memoryBroker({ topology: { ...topology, policies }, clock })
    const publisher = broker.publisher()
    const outcomes = Promise.all(ids(3).map(id => outcomeOf(publisher.publish(message(id)))))
    await clock.advance(1)
    expect(await outcomes).to.deep.equal(['resolved', 'resolved', 'publish-rejected'])
  })

  it('neither loses nor invents a message, however connections are cut and messages sent back', async () => {
    const cuts = fc.array(fc.nat(60), { maxLength: 8 })
    const latencies = fc.array(fc.nat(20), { minLength: 1, maxLength: 20 })
    await fc.assert(fc.asyncProperty(cuts, latencies, fc.array(fc.boolean(), { maxLength: 30 }), survives), {
      numRuns: 50,
    })
  })

  const survives = async (cuts: number[], latencies: number[], sendBack: boolean[]) => {
    const { clock, broker } = brokerWith(latencies)
    const handled = new Set<string>()
    const [publisher, answers] = [broker.publisher(), [...sendBack]]
    broker.consumer({
      queue: 'inventory.inbox',
      prefetch: 3,
      onDelivery: delivery =>
        clock.after(5, () => {
          if (answers.shift()) return delivery.requeue()
          delivery.ack()
          handled.add(idOf(delivery))
        }),
    })
    const send = async (id: string): Promise<void> => {
      if ((await outcomeOf(publisher.publish(message(id)))) !== 'resolved') await send(id)
    }
    void Promise.all(ids(10).map(send))
    for (const ms of cuts) {
      await clock.advance(ms)
      broker.dropConnections()
    }
    await clock.runUntil(() => handled.size === 10, { limitMs: 10_000 })
    await clock.advance(1_000)
    expect(broker.depth('inventory.inbox')).to.deep.equal({ ready: 0, unacked: 0 })
    expect(broker.depth('inventory.dlq').ready).to.equal(0)
  }
})
