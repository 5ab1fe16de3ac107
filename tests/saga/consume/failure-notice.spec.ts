import { expect } from 'chai'
import { shop } from '../../../services/contract/shop.ts'
import type { Delivery } from '../../../shared/messaging/broker.ts'
import type { Disposition } from '../../../shared/saga/consume/disposition.ts'
import { failureNoticeOf } from '../../../shared/saga/consume/failure-notice.ts'
import { receivedEvents } from '../../../shared/saga/consume/received-event.ts'
import { eventAbout, newOrder } from '../../support/events.ts'
import { deliveryOf } from './received.ts'

const noticeOf = (delivery: Delivery, disposition: Disposition, at = 0) => {
  const [received] = receivedEvents(shop, delivery)
  if (!received) throw new Error('nothing was received')
  const part = { decoded: received.decoded, envelope: received.alone() }
  return failureNoticeOf(delivery, part, disposition, { service: { saga: shop, name: 'payment' }, at })
}

const wait = { do: 'wait', ms: 1_000, attempt: 1, reason: 'TypeError' } as const
const park = { do: 'park', attempts: 3, reason: 'TypeError', mark: true } as const

describe('the notice of an event that failed', () => {
  const event = eventAbout(newOrder(), 'inventory.reserved')
  const delivery = deliveryOf([event])

  it('names the event, its order, the reason and the wait', () => {
    const { eventId, subject, eventType, kind, data } = noticeOf(delivery, wait) ?? {}
    expect({ eventId, subject, eventType, kind, data }).to.deep.equal({
      ...{ eventId: event.id, subject: event.subject, eventType: event.type, kind: 'attempt-failed' },
      data: { reason: 'TypeError', attempt: 1, retryInMs: 1_000 },
    })
  })

  it('has the size of what is parked', () => {
    const bytes = delivery.body.length
    expect(noticeOf(delivery, park)?.data).to.deep.equal({ reason: 'TypeError', attempts: 3, bytes })
  })

  it('is none when nothing went wrong', () => {
    const quiet: Disposition[] = [{ do: 'ack' }, { do: 'keep' }, { ...wait, reason: 'call-open' }]
    expect(quiet.map(disposition => noticeOf(delivery, disposition))).to.deep.equal(
      quiet.map(() => undefined),
    )
  })

  it('has the same id whenever the same attempt failed for the same reason, and else another one', () => {
    const id = (disposition: Disposition, resend?: string, at = 0) =>
      noticeOf({ ...delivery, headers: resend ? { 'x-resend': resend } : {} }, disposition, at)?.id
    expect(id(wait, undefined, 1_000)).to.equal(id(wait))
    const others = [
      id(wait),
      id({ ...wait, attempt: 2 }),
      id({ ...wait, reason: 'RangeError' }),
      id(wait, 'replay-1'),
      id(park),
      id(park, 'replay-1'),
    ]
    expect(new Set(others).size).to.equal(others.length)
  })

  it('names what cannot be decoded as far as it names itself, else by its bytes', () => {
    const broken = (json: object, correlationId?: string) =>
      noticeOf({ ...delivery, body: Buffer.from(JSON.stringify(json)), correlationId }, park)
    const { id, subject } = event
    expect(broken({ id, subject, type: 'inventory.eaten' })).to.include({ eventId: id, subject })
    expect(broken({ id: 'theirs', subject: 'theirs' }, subject)).to.include({ eventId: undefined, subject })
    const [one, other] = [broken({ a: 1 }), broken({ a: 2 })]
    expect([one?.eventId, one?.subject]).to.deep.equal([undefined, undefined])
    expect(one?.id).to.equal(broken({ a: 1 })?.id)
    expect(one?.id).to.not.equal(other?.id)
  })
})
