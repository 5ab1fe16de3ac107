import { expect } from 'chai'
import { type Event, shop } from '../../../services/contract/shop.ts'
import { encode } from '../../../shared/contract/envelope.ts'
import type { Delivery, OutgoingMessage } from '../../../shared/messaging/broker.ts'
import { type DeliveryState, handleDelivery } from '../../../shared/saga/consume/handle-delivery.ts'
import { perSubjectQueue } from '../../../shared/saga/consume/per-subject-queue.ts'
import { deferred } from '../../support/deferred.ts'
import { eventAbout, newOrder } from '../../support/events.ts'
import { type KernelSubject, kernelSubjects } from '../engine-subjects.ts'

/** Both events in one envelope, as a delivery whose answers count. */
const delivered = (...events: Event[]) => {
  const answers: string[] = []
  const delivery: Delivery = {
    ...encode(shop, events),
    ...{ queue: 'payment.inbox', key: 'inventory.reserved', type: 'inventory.reserved', messageId: 'm1' },
    ...{ correlationId: undefined, headers: {}, earlierDeliveries: 0 },
    ack: () => void answers.push('ack'),
    requeue: () => void answers.push('requeue'),
  }
  return { delivery, answers }
}

const word = (settled: DeliveryState): string => (settled === 'acked' ? settled : 'unsettled')

describe('an envelope of several events', () => {
  const [inMemory] = kernelSubjects
  let world: KernelSubject
  beforeEach(async () => {
    if (!inMemory) throw new Error('no kernel in memory')
    world = await inMemory.open()
  })
  afterEach(() => world.stop())

  it('is given back only when none of its events is being worked on any more', async () => {
    const reserved = () => eventAbout(newOrder(), 'inventory.reserved')
    const [bad, slow] = [reserved(), reserved()]
    const [gate, reached, refused] = [deferred(), deferred(), deferred()]
    const { context } = world.start(async () => ({ answer: { outcome: 'captured' } }), {
      isBroken: event => event.id === bad.id,
    })
    const slowly = {
      ...context,
      store: {
        ...context.store,
        commit: async (...write: Parameters<typeof context.store.commit>) => {
          if (write[0].subject === slow.subject) {
            reached.resolve()
            await gate.promise
          }
          return context.store.commit(...write)
        },
      },
    }
    // Inventory may not write to the wait queue of payment, so the copy of the failing event goes nowhere.
    const inventory = world.as('inventory').publisher()
    const publisher = {
      ...inventory,
      publish: (message: OutgoingMessage) => inventory.publish(message).finally(() => refused.resolve()),
    }
    const { delivery, answers } = delivered(bad, slow)
    const seen: string[] = []
    const intake = {
      context: slowly,
      publisher,
      perSubject: perSubjectQueue(),
      retryPolicy: { delays: [1_000], maxAttempts: 3 },
    }
    const taking = handleDelivery(intake)(delivery).then(settled => void seen.push(word(settled)))
    await Promise.all([reached.promise, refused.promise])
    await new Promise(resolve => setImmediate(resolve))
    expect(seen).to.deep.equal([])
    gate.resolve()
    await taking
    expect([seen, answers]).to.deep.equal([['unsettled'], []])
    await publisher.close(1_000)
  })
})
