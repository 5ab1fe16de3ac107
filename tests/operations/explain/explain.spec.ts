import { expect } from 'chai'
import type { Evidence } from '../../../shared/operations/explain/evidence.ts'
import { explain } from '../../../shared/operations/explain/explain.ts'
import {
  applied,
  at,
  between,
  calling,
  dead,
  deadLetter,
  document,
  eventAt,
  evidence,
  reserved,
  waiting,
} from './evidence.ts'

const cases: [string, Evidence, { status: string; kind: string; words: RegExp; todo: RegExp }][] = [
  [
    'parked',
    evidence(between(dead), { deadLetters: [deadLetter] }),
    {
      ...{ status: 'stuck', kind: 'parked' },
      words: /payment gave up inventory.reserved after 8 failed attempts \(TypeError\).* 1 h/,
      todo: /npx --no -- choreo dlq replay --service payment --order ord_/,
    },
  ],
  [
    'parked by a fault in our code',
    evidence(between(dead), { deadLetters: [{ ...deadLetter, error: 'no gold', errorAt: 'a/b.ts:41' }] }),
    {
      ...{ status: 'stuck', kind: 'parked' },
      words: /\(TypeError: no gold at a\/b\.ts:41\)/,
      todo: /^fix the code at a\/b\.ts:41, and deploy it; then: npx --no -- choreo dlq replay/,
    },
  ],
  [
    'parked because it is not from the owner of its type',
    evidence(between(dead), { deadLetters: [{ ...deadLetter, reason: 'event-forged', forged: true }] }),
    {
      ...{ status: 'stuck', kind: 'parked' },
      words: /event-forged/,
      todo: /^find out who sent it((?!choreo).)*$/,
    },
  ],
  [
    'waiting for its next attempt',
    evidence(between({}), { waiting: [waiting] }),
    {
      ...{ status: 'under-way', kind: 'waiting' },
      words: /payment failed at .*TypeError, 2 times.* at 2030-01-01T00:10:04Z/,
      todo: /by itself/,
    },
  ],
  [
    'given up, and its dead letter deleted',
    evidence(between(dead)),
    { status: 'stuck', kind: 'given-up', words: /its dead letter is gone/, todo: /sent again by itself/ },
  ],
  [
    'still in the outbox of a service that does not run',
    evidence({
      inventory: {
        readiness: 'unreachable',
        document: document({ events: [reserved], unsent: [reserved.id] }),
      },
    }),
    { status: 'stuck', kind: 'unsent', words: /inventory has .*it does not run/, todo: /start/ },
  ],
  [
    'still in the outbox of a service that runs',
    evidence(between({}, { unsent: [reserved.id] })),
    { status: 'under-way', kind: 'unsent', words: /does not know that the broker has it$/, todo: /sweep/ },
  ],
  [
    'without an inbox to go to',
    evidence(between({ inbox: 'missing' })),
    { status: 'stuck', kind: 'queue-missing', words: /inbox of payment is missing/, todo: /topology apply/ },
  ],
  [
    'in the inbox of a service that does not run',
    evidence(between({ inbox: { ready: 7, consumers: 0 }, readiness: 'unreachable' })),
    {
      status: 'stuck',
      kind: 'no-consumer',
      words: /payment does not run.*7 messages/,
      todo: /start payment/,
    },
  ],
  [
    'in an inbox without a consumer, and nobody knows where its service is',
    evidence({
      ...between({}),
      payment: { inbox: { ready: 7, consumers: 0 }, readiness: undefined } as never,
    }),
    { status: 'stuck', kind: 'no-consumer', words: /payment does not run/, todo: /start payment/ },
  ],
  [
    'with a service that lacks its store',
    evidence(between({ inbox: { ready: 7, consumers: 0 }, readiness: { failing: ['store'] } })),
    { status: 'stuck', kind: 'dependency-away', words: /it lacks its store/, todo: /bring back the store/ },
  ],
  [
    'with a call that is open',
    evidence(between(calling({ due: at + 30_000 }))),
    {
      status: 'under-way',
      kind: 'call-open',
      words: /no answer yet.*again at 2030-01-01T00:10:30Z/,
      todo: /by itself/,
    },
  ],
  [
    'with a call that keeps failing',
    evidence(between(calling({ due: at + 30_000, failures: 4 }))),
    {
      status: 'under-way',
      kind: 'call-open',
      words: /4 failed calls.*again at/,
      todo: /repeated by itself; the log of payment/,
    },
  ],
  [
    'behind others in the inbox',
    evidence(between({ inbox: { ready: 500, consumers: 2 } })),
    {
      status: 'under-way',
      kind: 'queued',
      words: /500 messages there and 2 consumers/,
      todo: /more instances/,
    },
  ],
  [
    'in an inbox of which nobody knows who consumes it',
    evidence(between({ inbox: { ready: 3, consumers: undefined } })),
    { status: 'under-way', kind: 'queued', words: /3 messages there and an unknown number of/, todo: /./ },
  ],
  [
    'perhaps in an inbox that could not be looked at',
    evidence(between({ inbox: { ready: undefined, consumers: undefined } }), {
      blind: [{ what: 'the figures of payment.inbox', code: 'figures-unknown' }],
    }),
    { status: 'stuck', kind: 'unheard', words: /it lies in nothing that could be looked at$/, todo: /./ },
  ],
  [
    'on its way',
    evidence({
      inventory: { document: document({ events: [eventAt('inventory.reserved', 'inventory', 2_000)] }) },
    }),
    { status: 'under-way', kind: 'on-its-way', words: /on its way to payment/, todo: /by itself/ },
  ],
  [
    'applied by its service, and heard by nobody',
    evidence({ ...between({}), order: { document: document({ due: at + 60_000 }) } }),
    {
      ...{ status: 'stuck', kind: 'unheard' },
      words: /inventory.reserved is on record for 1 min, and payment has not heard it/,
      todo: /topology plan.*sent again by itself at 2030-01-01T00:11:00Z/,
    },
  ],
]

describe('why an order waits', () => {
  for (const [situation, given, expected] of cases)
    it(`is explained when it is ${situation}`, () => {
      const verdict = explain(given)
      const [cause, ...others] = verdict.causes
      expect(others).to.deep.equal([])
      expect(cause).to.include({ service: 'payment', kind: expected.kind })
      expect(verdict.status).to.equal(expected.status)
      expect(cause?.awaits).to.deep.equal(['payment.captured', 'payment.declined'])
      expect(cause?.since).to.equal(Date.parse(given.services[1]?.document?.events[0]?.at ?? ''))
      expect(verdict.words).to.equal(cause?.words).and.match(expected.words)
      expect(cause?.todo).to.match(expected.todo)
    })

  it('is nothing when it has ended and every service has done its part', () => {
    const end = eventAt('order.rejected', 'order')
    const rejected = eventAt('inventory.rejected', 'inventory')
    const heard = { [rejected.id]: applied }
    const verdict = explain(
      evidence({
        order: { document: document({ events: [end], inbox: heard }) },
        inventory: { document: document({ events: [rejected] }) },
        shipping: { document: document({ inbox: heard }) },
      }),
    )
    expect(verdict).to.include({ status: 'settled', ended: 'order.rejected' })
    expect(verdict.causes).to.deep.equal([])
  })

  it('is still something when it has ended and a service has not heard of it', () => {
    const scheduled = eventAt('shipment.scheduled', 'shipping')
    const verdict = explain(
      evidence({
        order: {
          document: document({
            events: [eventAt('order.confirmed', 'order')],
            inbox: { [scheduled.id]: applied },
          }),
        },
        shipping: { document: document({ events: [scheduled] }) },
      }),
    )
    expect(verdict).to.include({ status: 'stuck', ended: 'order.confirmed' })
    expect(verdict.causes.map(({ service, awaits }) => [service, ...awaits])).to.deep.equal([
      ['inventory', 'inventory.consumed'],
    ])
  })

  it('is said for each open step, and what nobody fixes by itself comes first in words', () => {
    const refused = eventAt('shipment.refused', 'shipping')
    const verdict = explain(
      evidence(
        {
          shipping: { document: document({ events: [refused] }) },
          order: { document: document({ inbox: { [refused.id]: applied } }) },
          inventory: { inbox: { ready: 3, consumers: 1 } },
        },
        { deadLetters: [{ ...deadLetter, messageId: refused.id }] },
      ),
    )
    expect(verdict.causes.map(({ service, kind }) => `${service} ${kind}`)).to.have.members([
      'inventory queued',
      'payment parked',
    ])
    expect(verdict.status).to.equal('stuck')
    expect(verdict.words).to.match(/^payment gave up/)
  })

  it('is that no service has heard of the order', () => {
    expect(explain(evidence({}))).to.include({ status: 'unknown' })
  })

  it('is not claimed to be nothing while a place could not be looked at', () => {
    const blind = [{ what: 'the store of payment', code: 'store-unavailable' }]
    const verdict = explain(evidence({}, { blind }))
    expect(verdict.status).to.equal('stuck')
    expect(verdict.words).to.include('the store of payment could not be looked at (store-unavailable)')
  })

  it('names a document from which something was lost', () => {
    const verdict = explain(evidence({ order: { document: document({}) } }))
    expect(verdict.status).to.equal('stuck')
    expect(verdict.words).to.match(/nothing is under way/)
  })
})
