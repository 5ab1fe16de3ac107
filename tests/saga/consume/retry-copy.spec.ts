import { expect } from 'chai'
import { type Event, shop } from '../../../services/contract/shop.ts'
import type { Delivery } from '../../../shared/messaging/broker.ts'
import { receivedEvents } from '../../../shared/saga/consume/received-event.ts'
import { retryCopyOf } from '../../../shared/saga/consume/retry-copy.ts'
import { eventAbout, newOrder } from '../../support/events.ts'
import { deliveryOf } from './received.ts'

const about = { service: { saga: shop, name: 'payment' }, at: Date.UTC(2030, 0, 1) }
const wait = { do: 'wait', ms: 1_000, attempt: 2, reason: 'TypeError' } as const
const park = { do: 'park', attempts: 3, reason: 'TypeError', mark: true } as const

const partOf = (delivery: Delivery, nth = 0) => {
  const received = receivedEvents(shop, delivery)[nth]
  if (!received) throw new Error('nothing was received')
  return { decoded: received.decoded, envelope: received.alone() }
}
const copyOf = (delivery: Delivery, to: typeof wait | typeof park, nth = 0) =>
  retryCopyOf(delivery, partOf(delivery, nth), to, about)

describe('the copy of an event that failed', () => {
  const event = eventAbout(newOrder(), 'inventory.reserved')

  it('waits in the queue of its delay and comes back to its inbox', () => {
    const copy = copyOf(deliveryOf([event]), wait)
    expect(copy).to.include({ exchange: 'saga.wait.1s', key: 'payment.inbox', messageId: event.id })
    expect(copy).to.include({ type: event.type, correlationId: event.subject })
    expect(copy.headers).to.deep.equal({
      ...{ 'x-attempt': 2, 'x-reason': 'TypeError', 'x-origin-key': event.type },
      'x-first-failed-at': '2030-01-01T00:00:00.000Z',
    })
  })

  it('goes to the dead letters of its service when it is parked', () => {
    const copy = copyOf(deliveryOf([event]), park)
    expect([copy.exchange, copy.key]).to.deep.equal([shop.names.exchanges.deadLetters, 'payment'])
    expect(copy.headers).to.include({ 'x-attempt': 3 })
  })

  it('keeps when it first failed, where it came from and its re-send id, and no other header', () => {
    const known = {
      ...{ 'x-first-failed-at': '2029-12-31T00:00:00.000Z', 'x-origin-key': 'inventory.renamed' },
      'x-resend': 'replay-1',
    }
    const headers = { ...known, 'x-death': [], 'x-attempt': 1 } as Delivery['headers']
    const copy = copyOf(deliveryOf([event], { headers, key: 'payment.inbox' }), wait)
    expect(copy.headers).to.deep.equal({ ...known, 'x-attempt': 2, 'x-reason': 'TypeError' })
  })

  it('that came back under the key of its inbox has its type for an origin', () => {
    const copy = copyOf(deliveryOf([event], { key: 'payment.inbox' }), wait)
    expect(copy.headers).to.include({ 'x-origin-key': event.type })
  })

  it('travels alone, under its own id', () => {
    const other: Event = eventAbout(newOrder(), 'inventory.reserved')
    const copy = copyOf(deliveryOf([event, other]), wait, 1)
    expect([copy.messageId, copy.correlationId]).to.deep.equal([other.id, other.subject])
    expect(JSON.parse(copy.body.toString())).to.include({ id: other.id })
  })

  it('of what cannot be read has what its message says of itself', () => {
    const body = Buffer.from('{"id": broken')
    const named = { body, messageId: 'm1', correlationId: 'ord_1', type: 'inventory.reserved' }
    const copy = copyOf(deliveryOf([event], named), park)
    expect(copy).to.include(named)
    const nameless = { ...named, messageId: undefined, correlationId: undefined, type: undefined }
    expect(copyOf(deliveryOf([event], nameless), park)).to.include({ messageId: 'unknown', type: 'unknown' })
  })
})
