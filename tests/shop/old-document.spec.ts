import { expect } from 'chai'
import { readSealed } from '../../reference/seals.ts'
import type { OrderId } from '../../services/contract/ids.ts'
import type { Event } from '../../services/contract/shop.ts'
import { openShop, request } from './shop.ts'

const golden = readSealed(new URL('../../../tests/contract/golden/', import.meta.url))
const { data } = JSON.parse(golden.files.get('order.placed.v1.json') ?? '')

describe('an order that a release placed which knew order.placed in version 1', () => {
  type Shop = Awaited<ReturnType<typeof openShop>>
  /** An order under way, with its first event on record as version 1 had it. */
  const placedThen = async (shop: Shop): Promise<OrderId> => {
    const orderId = await shop.place(request())
    await shop.settled(orderId)
    const document = await shop.kernel.store.load(orderId)
    if (!document) throw new Error('no such order')
    const events = document.events.map(event =>
      event.type === 'order.placed' ? { ...event, version: 1, data } : event,
    )
    await shop.kernel.store.commit(document, { erasure: { events, at: 0 } })
    return orderId
  }

  it('is shown as one of today: its money in cents, and whose it is not known', async () => {
    const shop = await openShop()
    const found = await shop.desk.find(await placedThen(shop))
    expect(found).to.deep.include({ total: 2_550, caller: 'anonymous', status: 'confirmed' })
    expect(found?.lines).to.deep.equal([{ sku: 'SKU-1', quantity: 2, unitPrice: 1_275 }])
  })

  it('is sent again in the version that it has on record', async () => {
    const shop = await openShop()
    const orderId = await placedThen(shop)
    const placed = (await shop.kernel.store.load(orderId))?.events.find(({ type }) => type === 'order.placed')
    const sending = shop.sendAgain(placed as Event, 'once-more')
    await shop.clock.advance(60_000)
    await sending
    const sent = shop.broker.peek('saga.journal').filter(({ type }) => type === 'order.placed')
    const versions = sent.map(({ body }) => JSON.parse(`${body}`).dataversion as number)
    expect(versions).to.have.length(2)
    expect(versions[0]).to.be.above(1)
    expect(versions[1]).to.equal(1)
    expect(shop.deadLetters()).to.deep.equal([])
  })
})
