import { expect } from 'chai'
import { explain } from '../../../shared/operations/explain/explain.ts'
import { applied, between, document, eventAt, evidence, reserved } from './evidence.ts'

describe('why an event stays unsent', () => {
  it('is the full inbox of its hearer', () => {
    const full = [
      {
        ...{ name: 'payment.inbox', events: ['inventory.reserved'], service: 'payment' },
        fill: 'full (9 of 9 messages)',
      },
    ]
    const verdict = explain(evidence(between({}, { unsent: [reserved.id] }), { full }))
    expect(verdict.status).to.equal('stuck')
    expect(verdict.causes.map(({ kind, service }) => `${service} ${kind}`)).to.deep.equal([
      'payment queue-full',
    ])
    expect(verdict.words).to.match(
      /^inventory has inventory\.reserved on record.*the queue payment\.inbox, .* full/,
    )
    expect(verdict.causes[0]?.todo).to.match(/^start payment, or more instances/)
  })

  it('is a full queue of others for which an event stays unsent, also when everybody has heard it', () => {
    const end = eventAt('order.rejected', 'order')
    const rejected = eventAt('inventory.rejected', 'inventory')
    const heard = { [rejected.id]: applied }
    const known = {
      order: { document: document({ events: [end], inbox: heard }) },
      inventory: { document: document({ events: [rejected], unsent: [rejected.id] }) },
      shipping: { document: document({ inbox: heard }) },
    }
    const full = [{ name: 'fraud.inbox', events: ['inventory.rejected'], fill: 'full (9 of 9 messages)' }]
    const verdict = explain(evidence(known, { full }))
    expect(verdict).to.include({ status: 'stuck', ended: 'order.rejected' })
    expect(verdict.causes.map(({ kind, service }) => `${service} ${kind}`)).to.deep.equal([
      'inventory queue-full',
    ])
    expect(verdict.words).to.match(
      /publish-rejected\): the queue fraud\.inbox, which gets it, is full \(9 of 9/,
    )
    expect(verdict.causes[0]?.todo).to.match(/topology prune/)
    const again = { service: 'inventory', eventId: rejected.cause ?? rejected.id, attempts: 0 }
    const handed = {
      ...known,
      inventory: { document: document({ events: [{ ...rejected, cause: again.eventId }] }) },
    }
    const waiting = [{ ...again, reason: 'publish-rejected' }]
    expect(explain(evidence(handed, { full, waiting })).causes.map(({ kind }) => kind)).to.deep.equal([
      'queue-full',
    ])
    expect(explain(evidence(handed, { full })).status).to.equal('settled')
    const elsewhere = [{ name: 'fraud.inbox', events: ['order.placed'], fill: 'full' }]
    expect(explain(evidence(known, { full: elsewhere })).status).to.equal('settled')
  })
})
