import { expect } from 'chai'
import { until } from '../../messaging/messages.ts'
import { newOrder } from '../../support/events.ts'
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
