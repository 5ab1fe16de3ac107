import { expect } from 'chai'
import { type Event, events, shop } from '../../../../services/contract/shop.ts'
import { type Reading, readMessage } from '../../../../services/tracking/follow/entries.ts'
import { encode } from '../../../../shared/contract/envelope.ts'
import { encodeNotice } from '../../../../shared/contract/notice.ts'
import type { JournalMessage } from '../../../../shared/messaging/journal.ts'
import { anEvent } from '../../../support/events.ts'
import { orderId } from '../../../support/reactions.ts'

const message = (type: string, envelope: { body: Buffer; contentType: string }): JournalMessage => ({
  ...{ offset: 1, messageId: 'm', type, ...envelope },
})
const reading = (...told: Event[]) => readMessage(message(told[0]?.type ?? '', encode(shop, told)))
const secret = 'CANARY'
const shipTo = { name: secret, line1: secret, city: secret, postalCode: secret, country: secret }

/** The same data with a canary wherever its schema marks a field as sensitive. */
const withCanary = (event: Event): Event => {
  const data = { ...event.data } as Record<string, unknown>
  if ('paymentToken' in data) data.paymentToken = `tok_${secret.toLowerCase()}`
  if ('shipTo' in data) data.shipTo = shipTo
  return { ...event, data } as Event
}

const codesOf = ({ unreadable }: Reading) => unreadable.map(({ code }) => code)

describe('what is read from the journal', () => {
  for (const { type, owner } of events)
    it(`[I33] has of ${type} everything but what is sensitive`, () => {
      const event = withCanary(anEvent(type as Event['type']))
      const { told, unreadable } = reading(event)
      expect(unreadable).to.deep.equal([])
      expect(JSON.stringify(told)).to.not.match(/canary|paymentToken|shipTo/i)
      const { paymentToken: _, shipTo: __, ...data } = event.data as Record<string, unknown>
      const { id, at } = event
      expect(told).to.deep.equal([{ orderId, entry: { id, type, service: owner, at, data } }])
    })

  it('has each event of a message that carries several, and its cause', () => {
    const [one, other] = [
      anEvent('order.placed'),
      { ...anEvent('order.placed'), cause: anEvent('order.placed').id },
    ]
    const { told } = reading(one, other)
    expect(told.map(({ entry }) => [entry.id, entry.cause])).to.deep.equal([
      [one.id, undefined],
      [other.id, other.cause],
    ])
  })

  it('has notices, with what they are about', () => {
    const about = anEvent('inventory.reserved')
    const notice = encodeNotice(shop, {
      ...{ id: 'n-1', service: 'payment', kind: 'attempt-failed', at: about.at, subject: orderId },
      ...{ eventId: about.id, eventType: about.type, data: { reason: 'late', attempt: 2, retryInMs: 2_000 } },
    })
    expect(readMessage(message('payment.attempt-failed', notice)).told).to.deep.equal([
      {
        orderId,
        entry: {
          ...{ id: 'n-1', type: 'payment.attempt-failed', service: 'payment', at: about.at },
          ...{ notice: 'attempt-failed', cause: about.id },
          data: { reason: 'late', attempt: 2, retryInMs: 2_000, about: 'inventory.reserved' },
        },
      },
    ])
  })

  it('leaves a notice about no order out of every story', () => {
    const data = { reason: 'body-unreadable', attempts: 0, bytes: 9 }
    const notice = encodeNotice(shop, {
      ...{ id: 'n-2', service: 'payment', kind: 'parked', at: '2030-01-01T00:00:00Z' },
      data,
    })
    expect(readMessage(message('payment.parked', notice))).to.deep.equal({
      told: [],
      unreadable: [],
      forLater: false,
    })
  })

  it('[I34] has of an event in a newer version that it happened, and none of its data: nobody here knows what is sensitive', () => {
    const [known, cause] = [withCanary(anEvent('order.placed')), anEvent('payment.voided').id]
    const newer = { ...withCanary(anEvent('order.placed')), version: 99, cause }
    const { told, ...rest } = reading(known, newer as Event)
    const { id, type, at } = newer
    expect(told.map(({ entry }) => entry.id)).to.deep.equal([known.id, id])
    expect(told[1]).to.deep.equal({
      orderId,
      entry: { id, type, service: 'order', at, cause, newer: 99, data: {} },
    })
    expect(rest).to.deep.equal({ unreadable: [], forLater: true })
  })

  it('says by their codes what it could not read, and reads what stands beside it', () => {
    const good = anEvent('payment.voided')
    const { body } = encode(shop, [good, { ...anEvent('payment.voided'), type: 'payment.lost' } as never])
    const both = message('payment.voided', { body, contentType: 'application/cloudevents-batch+json' })
    const mixed = readMessage(both)
    expect(mixed.told.map(({ entry }) => entry.id)).to.deep.equal([good.id])
    expect(mixed).to.include({ forLater: true })
    expect(codesOf(mixed)).to.deep.equal(['event-unknown'])
    const broken = [
      message('order.placed', { body: Buffer.from('{'), contentType: 'application/cloudevents+json' }),
      message('payment.parked', { body: Buffer.from('{'), contentType: 'application/cloudevents+json' }),
      message('payment.parked', { body: Buffer.from('{}'), contentType: 'text/plain' }),
      { ...both, type: undefined, contentType: undefined, messageId: undefined },
    ]
    for (const each of broken) expect(codesOf(readMessage(each))).to.deep.equal(['body-unreadable'])
    const forged = encodeNotice(shop, {
      ...{ id: 'n\ndata: forged', service: 'payment', kind: 'parked', at: good.at, subject: orderId },
      data: { reason: 'r', attempts: 1, bytes: 1 },
    })
    expect(codesOf(readMessage(message('payment.parked', forged)))).to.deep.equal(['event-invalid'])
  })
})
