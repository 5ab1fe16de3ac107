import { expect } from 'chai'
import { until } from '../messaging/messages.ts'
import { deferred } from '../support/deferred.ts'
import { newOrder } from '../support/events.ts'
import { message, onEveryAdapter, refused, reserved } from './payment-on-trial.ts'

onEveryAdapter('an instance', given => {
  it('[I18] finishes what it took when it stops, and takes nothing new', async () => {
    const { world, approve, send, documentIs } = given()
    const [begun, later] = [newOrder(), newOrder()]
    const gate = deferred()
    const engine = world.start(async (...call) => {
      await gate.promise
      return approve(...call)
    })
    await send(message(reserved(begun)))
    await until('the call is on record', async () => (await world.store.load(begun))?.intent !== undefined)
    const stopping = world.halt(engine)
    await send(message(reserved(later)))
    gate.resolve()
    await stopping
    await documentIs(begun, 'captured')
    expect((await world.store.load(begun))?.unsent).to.deep.equal([])
    expect(await world.ready('payment.inbox')).to.equal(1)
    expect(await world.store.load(later)).to.equal(undefined)
  })

  it('shares the work between two instances, and does it once', async () => {
    const { world, approve, send, documentIs } = given()
    const orders = Array.from({ length: 30 }, newOrder)
    world.start(approve)
    world.start(approve)
    for (const order of orders) await send(message(reserved(order)))
    for (const order of orders) await send(message(refused(order)))
    for (const order of orders) await documentIs(order, 'closed')
    for (const order of orders) {
      const types = (await world.store.load(order))?.events.map(({ type }) => type)
      expect(types).to.be.deep.oneOf([['payment.captured', 'payment.refunded'], ['payment.voided']])
    }
  })
})
