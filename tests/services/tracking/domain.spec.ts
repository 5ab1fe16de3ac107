import { expect } from 'chai'
import fc from 'fast-check'
import {
  newestFirst,
  type TrackedOrder,
  withEarlier,
  withEntries,
} from '../../../services/tracking/domain.ts'
import type { Entry } from '../../../services/tracking/entry.ts'
import { arriving, cancelledStory, fact, failure, freshOrder } from './entries.ts'

const orderId = freshOrder()
const story = cancelledStory(orderId)
const [placed, reserved] = story as [Entry, Entry]
const tracked = (entries: readonly Entry[], order?: TrackedOrder) =>
  withEntries(order, orderId, entries) as TrackedOrder

describe('a tracked order', () => {
  it('[I29] is the same whatever the order and the portions in which its entries arrive, but for their order', () => {
    const whole = tracked(story)
    fc.assert(
      fc.property(arriving(story), fc.integer({ min: 1, max: 5 }), (shuffled, size) => {
        let order: TrackedOrder | undefined
        for (let i = 0; i < shuffled.length; i += size) order = tracked(shuffled.slice(i, i + size), order)
        const { entries, ...summary } = order as TrackedOrder
        const { entries: _, ...expected } = whole
        expect(summary).to.deep.equal(expected)
        expect(entries).to.have.deep.members([...whole.entries])
      }),
    )
  })

  it('says who placed it, for how much, how it stands, and what went wrong on the way', () => {
    expect(tracked(story)).to.deep.include({
      ...{ status: 'cancelled', settled: true, caller: 'ada', customerId: 'c-1', total: 2_500, version: 0 },
      ...{ placedAt: placed.at, updatedAt: story.at(-1)?.at, awaiting: [], awaits: [] },
      ...{ attemptsFailed: 1, parked: 0, repaired: 0, abridged: false },
    })
    expect(tracked(story).last).to.include({ type: 'order.cancelled' })
  })

  it('has what it is searched by: what was ordered, why it ended or failed, and its total as a text', () => {
    const lines = ['SKU-1', 'SKU-2'].map(sku => ({ sku, quantity: 1, unitPrice: 1 }))
    const ended = story.map(one =>
      one.type === 'order.cancelled' ? { ...one, data: { reason: 'shipment-refused' } } : one,
    )
    const order = tracked([{ ...placed, data: { ...placed.data, lines } }, ...ended.slice(1)])
    expect(order.skus).to.deep.equal(['SKU-1', 'SKU-2'])
    expect(order.reasons).to.deep.equal(['provider-unavailable', 'shipment-refused'])
    expect(order.smallest).to.equal(`0000000002500:${orderId}`)
    expect(tracked([reserved])).to.not.have.any.keys('skus', 'smallest')
  })

  it('has the customer in the form in which it is searched for, also of an order that has it as it came', () => {
    const asItCame = { ...placed, data: { ...(placed.data as object), customerId: 'Zo\u0065\u0308' } }
    expect(tracked([asItCame]).customerId).to.equal('Zo\u00eb')
  })

  it('is the same object when what comes is known already', () => {
    const order = tracked(story)
    expect(withEntries(order, orderId, story)).to.equal(order)
    expect(withEarlier(order, orderId, story.slice(0, 3))).to.equal(order)
    expect(withEntries(undefined, orderId, [])).to.equal(undefined)
  })

  it('[I34] gets the data of an event that it could only name before, and never loses them again', () => {
    const unread: Entry = { ...placed, newer: 3, data: {} }
    const before = tracked([unread, reserved])
    expect(before).to.include({ status: 'placed', version: 0 }).and.not.have.property('total')
    const after = tracked([placed], before)
    expect(after).to.deep.equal(tracked([placed, reserved]))
    expect(withEntries(after, orderId, [unread])).to.equal(after)
    expect(withEarlier(after, orderId, [unread])).to.equal(after)
    expect(withEarlier(before, orderId, [placed])?.total).to.equal(2_500)
  })

  it('awaits the next service by name and event, since what it follows from', () => {
    expect(tracked([placed, reserved])).to.deep.include({
      ...{ status: 'placed', settled: false, awaits: ['payment', 'payment.captured', 'payment.declined'] },
      awaiting: [
        {
          ...{ service: 'payment', events: ['payment.captured', 'payment.declined'] },
          ...{ since: reserved.at, withinMs: 10_000 },
        },
      ],
    })
  })

  it('takes what another generation had before it to its beginning', () => {
    const late = tracked(story.slice(4))
    const order = withEarlier(late, orderId, story.slice(0, 6)) as TrackedOrder
    expect(order.entries).to.deep.equal(story)
    expect(order).to.deep.include({ caller: 'ada', version: late.version })
  })

  it('keeps every fact and the oldest and newest notices, and drops again what was dropped', () => {
    const notices = Array.from({ length: 500 }, (_, n) => failure(reserved, 'payment', n, 10 + n))
    const order = tracked([...story, ...notices])
    expect(order.entries.filter(({ notice }) => !notice)).to.have.lengthOf(7)
    const kept = order.entries.filter(({ notice }) => notice).map(({ data }) => data.attempt)
    expect(kept).to.have.lengthOf(200)
    expect(kept).to.include.members([0, 98, 400, 499])
    expect(order.abridged).to.equal(true)
    expect(withEntries(order, orderId, notices)).to.equal(order)
  })

  it('sorts the newest first', () => {
    const at = (seconds: number) => tracked([fact(orderId, 'order.placed', ['order', 2], { seconds })]).newest
    expect([at(1), at(3), at(2)].sort()).to.deep.equal([at(3), at(2), at(1)])
    expect(at(1) > newestFirst(Date.parse(placed.at) + 1_001)).to.equal(true)
    expect(at(1) > newestFirst(Date.parse(placed.at) + 999)).to.equal(false)
  })
})
