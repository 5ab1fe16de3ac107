import { expect } from 'chai'
import { PaymentRefunded, PaymentVoided } from '../../../services/contract/payment.ts'
import { applyChange, blank, type Intent, record } from '../../../shared/saga/document/document.ts'
import { eventAbout, newOrder } from '../../support/events.ts'

const order = newOrder()
const source = eventAbout(order, 'inventory.reserved')
const intent: Intent = { source: { id: source.id, type: source.type }, call: {}, record: 'once' }
const empty = blank(order, { status: 'none' })

describe('a document after a change', () => {
  it('is one version further, and keeps what the change does not name', () => {
    const full = applyChange(empty, {
      ...{ state: { status: 'captured' }, events: [source], inbox: { [source.id]: { outcome: 'applied' } } },
      ...{ token: 3, intent, unsent: [source.id], due: 7 },
    })
    expect(applyChange(full, {})).to.deep.equal({ ...full, version: 2 })
  })

  it('adds events, marks and inbox entries to those that are there', () => {
    const [first, second] = [
      eventAbout(order, 'payment.captured', 1),
      eventAbout(order, 'payment.refunded', 2),
    ]
    const change = (event: typeof first) => ({
      ...{ events: [event], unsent: [event.id], inbox: { [event.id]: { outcome: 'applied' as const } } },
    })
    const { events, unsent, inbox } = applyChange(applyChange(empty, change(first)), change(second))
    expect(events).to.deep.equal([first, second])
    expect([unsent, Object.keys(inbox)]).to.deep.equal([
      [first.id, second.id],
      [first.id, second.id],
    ])
  })

  it('loses its call and its due time when they are null, and keeps a due time of 0', () => {
    const busy = applyChange(empty, { intent, due: 0 })
    expect(busy).to.include({ intent, due: 0 })
    const done = applyChange(busy, { intent: null, due: null })
    expect(done).to.not.have.any.keys('intent', 'due')
  })

  it('has all events anew after an erasure, and when that was', () => {
    const { events, erasedAt } = applyChange(applyChange(empty, { events: [source] }), {
      erasure: { events: [{ ...source, at: 'erased' }], at: 9 },
    })
    expect([events.map(({ at }) => at), erasedAt]).to.deep.equal([['erased'], 9])
  })
})

describe('facts that are put on record', () => {
  it('are numbered after the events that are there, and name the time, the cause and the trace', () => {
    const document = { ...empty, events: [source, source] }
    const facts = [PaymentVoided({}), PaymentRefunded({ amount: 5 })]
    const traceparent = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`
    const recorded = record(document, facts, { service: 'payment', at: 0, cause: source.id, traceparent })
    expect(recorded.map(({ id }) => id)).to.deep.equal([`${order}:payment:3`, `${order}:payment:4`])
    for (const event of recorded)
      expect(event).to.include({
        subject: order,
        at: '1970-01-01T00:00:00.000Z',
        cause: source.id,
        traceparent,
      })
    expect(record(document, facts, { service: 'payment', at: 0 })[0]).to.not.have.any.keys(
      'cause',
      'traceparent',
    )
  })
})
