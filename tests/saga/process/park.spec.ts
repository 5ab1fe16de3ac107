import { expect } from 'chai'
import type { Event } from '../../../services/contract/shop.ts'
import { until } from '../../messaging/messages.ts'
import { newOrder } from '../../support/events.ts'
import { maxAttempts } from '../engine-subjects.ts'
import { again, inUnknownVersion, message, onEveryAdapter, reserved } from '../payment-on-trial.ts'

onEveryAdapter('an event that is given up', given => {
  it('tries a failing event again as often as it may, parks it, and lets its neighbours through', async () => {
    const { world, approve, send, parked, documentIs } = given()
    const [bad, good] = [newOrder(), newOrder()]
    let tries = 0
    const isBroken = ({ subject: orderId }: Event) => {
      if (orderId === bad) tries += 1
      return orderId === bad
    }
    world.start(approve, { isBroken })
    await send(message(reserved(bad), reserved(good)))
    await documentIs(good, 'captured')
    await until('it is parked', async () => (await parked()).length === 1)
    const [letter] = await parked()
    expect(tries).to.equal(maxAttempts)
    expect(letter?.messageId).to.equal(`${bad}:inventory:1`)
    expect(letter?.headers).to.include({ 'x-reason': 'TypeError', 'x-attempt': maxAttempts })
    expect((await world.store.load(bad))?.inbox[`${bad}:inventory:1`]?.outcome).to.equal('dead')
  })

  it('[I13] keeps a dead event dead until a re-send that it has not seen, and then applies it once', async () => {
    const { world, charges, approve, send, atShipping, parked, documentIs } = given()
    const order = newOrder()
    let broken = true
    world.start(approve, { isBroken: () => broken })
    await send(message(reserved(order)))
    await until('it is parked', async () => (await parked()).length === 1)
    broken = false
    await send(again(reserved(order)))
    await until('it is parked again', async () => (await parked()).length === 2)
    expect(charges).to.deep.equal([])
    await send(again(reserved(order), 'replay-1'))
    await documentIs(order, 'captured')
    await send(again(reserved(order), 'replay-2'))
    await until('its event is sent again', async () => (await atShipping()).length === 2)
    expect(charges).to.deep.equal([order])
    expect(await parked()).to.have.length(2)
  })

  it('[I13] keeps a dead event dead, in whatever version it comes', async () => {
    const { world, approve, send, parked } = given()
    const order = newOrder()
    world.start(approve, { isBroken: () => true })
    await send(message(reserved(order)))
    await until('it is parked', async () => (await parked()).length === 1)
    await send(inUnknownVersion(reserved(order)))
    await until('it is parked again', async () => (await parked()).length === 2)
    const attempts = (await parked()).map(({ headers }) => [headers['x-reason'], headers['x-attempt']])
    expect(attempts).to.deep.equal([
      ['TypeError', maxAttempts],
      ['TypeError', 0],
    ])
  })
})
