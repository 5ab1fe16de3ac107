import { expect } from 'chai'
import { until } from '../../messaging/messages.ts'
import { newOrder } from '../../support/events.ts'
import { inUnknownVersion, message, onEveryAdapter, reserved } from '../payment-on-trial.ts'

onEveryAdapter('the reaction to an event', given => {
  it('[I11] applies an event once and tells the others, however often it comes', async () => {
    const { world, charges, approve, send, atShipping } = given()
    const order = newOrder()
    world.start(approve)
    for (let i = 0; i < 3; i++) await send(message(reserved(order)))
    await until('shipping is told', async () => (await atShipping()).length > 0)
    await until('the inbox is empty', async () => (await world.ready('payment.inbox')) === 0)
    expect(charges).to.deep.equal([order])
    expect((await world.store.load(order))?.events.map(({ id }) => id)).to.deep.equal([`${order}:payment:1`])
  })

  it('[I14] sends the same ids again, and nothing else, when Redis has forgotten', async () => {
    const { world, charges, approve, send, atShipping } = given()
    const order = newOrder()
    const first = world.start(approve)
    await send(message(reserved(order)))
    await until('shipping is told', async () => (await atShipping()).length === 1)
    // What is told is not noted in Redis yet: only an instance that has stopped notes nothing any more.
    await world.halt(first)
    await world.wipeCache()
    world.start(approve)
    await send(message(reserved(order)))
    await until('shipping is told again', async () => (await atShipping()).length === 2)
    expect(await atShipping()).to.deep.equal([`${order}:payment:1`, `${order}:payment:1`])
    expect(charges).to.have.length(1)
  })

  it('[I34] applies an event whose other copy waits for a newer release, and then only tells what it caused', async () => {
    const { world, charges, approve, send, atShipping, parked, documentIs } = given()
    const order = newOrder()
    world.start(approve)
    await send(inUnknownVersion(reserved(order)))
    await until('it is parked', async () => (await parked()).length === 1)
    await send(message(reserved(order)))
    await documentIs(order, 'captured')
    await until('shipping is told', async () => (await atShipping()).length === 1)
    await send({ ...inUnknownVersion(reserved(order)), headers: { 'x-resend': 'nudge-1' } })
    await until('shipping is told again', async () => (await atShipping()).length === 2)
    await send(inUnknownVersion(reserved(order)))
    await until('the inbox is empty', async () => (await world.ready('payment.inbox')) === 0)
    expect(charges).to.deep.equal([order])
    expect(await parked()).to.have.length(1)
  })
})
