import { expect } from 'chai'
import { paymentService } from '../../../services/payment/reactions.ts'
import type { Delivery } from '../../../shared/messaging/broker.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { concurrencyLimit } from '../../../shared/saga/consume/concurrency-limit.ts'
import { handleDelivery } from '../../../shared/saga/consume/handle-delivery.ts'
import { perSubjectQueue } from '../../../shared/saga/consume/per-subject-queue.ts'
import type { DeliveryHandler } from '../../../shared/saga/consume/stage.ts'
import type { Perform } from '../../../shared/saga/define/service.ts'
import { unobserved } from '../../../shared/saga/observe/observer.ts'
import { until } from '../../messaging/messages.ts'
import { deferred } from '../../support/deferred.ts'
import { newOrder } from '../../support/events.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { maxAttempts } from '../engine-subjects.ts'
import { inUnknownVersion, onEveryAdapter, reserved } from '../payment-on-trial.ts'

onEveryAdapter('an event in a newer version', given => {
  it('[I17] [I34] parks an event in a newer version only after its attempts, and nothing of it is on record', async () => {
    const { world, approve, send, parked } = given()
    const order = newOrder()
    const sent = inUnknownVersion(reserved(order))
    world.start(approve)
    await send(sent)
    await until('it is parked', async () => (await parked()).length === 1)
    const [letter] = await parked()
    expect(letter?.headers).to.include({ 'x-reason': 'event-newer', 'x-attempt': maxAttempts })
    expect(letter?.headers).to.include({ 'x-origin-key': 'inventory.reserved' })
    expect(letter).to.include({ messageId: reserved(order).id, body: sent.body.toString() })
    expect(await world.store.load(order)).to.equal(undefined)
  })
})

const approve: Perform = async () => ({ answer: { outcome: 'captured' } })

describe('an event that fails', () => {
  it('is told of when its copy is confirmed, and acknowledged when it is told of', async () => {
    const [copied, told] = [deferred<void>(), deferred<void>()]
    const did: string[] = []
    const step = (what: string, end: Promise<void>) => () => {
      did.push(what)
      return end
    }
    const clock = manualClock()
    const service = { ...paymentService(approve, 100), name: 'payment' }
    const kernel = {
      ...{ service, clock, log: silentLog, observer: unobserved, concurrency: concurrencyLimit(32) },
      reportNotice: step('told', told.promise),
    }
    const publisher = { publish: step('copied', copied.promise), close: async () => {}, connected: true }
    const ladder = { delays: [1_000], maxAttempts: 3 }
    const handler = {
      context: kernel,
      publisher,
      perSubject: perSubjectQueue(),
      retryPolicy: ladder,
    } as unknown as DeliveryHandler
    const delivery = { body: Buffer.from('{'), contentType: 'text/plain', headers: {}, earlierDeliveries: 0 }
    const taking = handleDelivery(handler)({
      ...delivery,
      ack: () => did.push('acknowledged'),
    } as unknown as Delivery)
    await clock.settle()
    expect(did).to.deep.equal(['copied'])
    copied.resolve()
    await clock.settle()
    expect(did).to.deep.equal(['copied', 'told'])
    told.resolve()
    await taking
    expect(did).to.deep.equal(['copied', 'told', 'acknowledged'])
  })
})
