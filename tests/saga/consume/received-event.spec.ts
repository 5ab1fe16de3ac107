import { expect } from 'chai'
import { shop } from '../../../services/contract/shop.ts'
import { batchType, encode } from '../../../shared/contract/envelope.ts'
import { until } from '../../messaging/messages.ts'
import { newOrder } from '../../support/events.ts'
import { message, onEveryAdapter, reserved } from '../payment-on-trial.ts'

onEveryAdapter('what a delivery holds', given => {
  it('parks what cannot be read, byte for byte, with its reason and origin', async () => {
    const { world, approve, send, parked } = given()
    world.start(approve)
    const body = '{"id": broken'
    await send({ ...message(reserved(newOrder())), body: Buffer.from(body) })
    await until('it is parked', async () => (await parked()).length === 1)
    const [letter] = await parked()
    expect(letter?.body).to.equal(body)
    expect(letter?.headers).to.include({
      'x-reason': 'body-unreadable',
      'x-origin-key': 'inventory.reserved',
    })
  })

  it('[I12] settles the neighbours of a broken event in the same envelope, and parks it alone', async () => {
    const { world, approve, send, parked, documentIs } = given()
    const [first, last] = [newOrder(), newOrder()]
    world.start(approve)
    const elements = [reserved(first), reserved(last)].map(event =>
      JSON.parse(encode(shop, [event]).body.toString()),
    )
    elements.splice(1, 0, { ...elements[0], id: `${first}:inventory:9`, type: 'inventory.eaten' })
    const body = Buffer.from(JSON.stringify(elements))
    await send({ ...message(reserved(first)), body, contentType: batchType })
    await documentIs(first, 'captured')
    await documentIs(last, 'captured')
    await until('it is parked', async () => (await parked()).length === 1)
    const [letter] = await parked()
    expect(letter?.headers['x-reason']).to.equal('event-unknown')
    expect(JSON.parse(letter?.body ?? '')).to.deep.equal(elements[1])
  })
})
