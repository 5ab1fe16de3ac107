import { expect } from 'chai'
import { until } from '../../messaging/messages.ts'
import { newOrder } from '../../support/events.ts'
import { maxAttempts } from '../engine-subjects.ts'
import { inUnknownVersion, message, onEveryAdapter, reserved } from '../payment-on-trial.ts'

onEveryAdapter('the inbox of a service whose store is away', given => {
  it('[I16] pauses while the store is away, and loses and parks nothing', async () => {
    const { world, charges, approve, send, parked, documentIs } = given()
    const orders = [newOrder(), newOrder(), newOrder()]
    let down = true
    const engine = world.start(approve, { isStoreDown: () => down })
    for (const order of orders) await send(message(reserved(order)))
    await until('it pauses', () => engine.state().paused)
    down = false
    for (const order of orders) await documentIs(order, 'captured')
    expect(await parked()).to.deep.equal([])
    expect(charges.toSorted()).to.deep.equal([...orders].sort())
  })

  it('[I16] holds an event in a newer version while the store is away: it may be a known one', async () => {
    const { world, approve, send, parked } = given()
    const order = newOrder()
    let down = true
    const engine = world.start(approve, { isStoreDown: () => down })
    await send(inUnknownVersion(reserved(order)))
    await until('it pauses', () => engine.state().paused)
    expect(await parked()).to.deep.equal([])
    down = false
    await until('it is parked', async () => (await parked()).length === 1)
    expect((await parked())[0]?.headers).to.include({ 'x-attempt': maxAttempts })
  })
})
