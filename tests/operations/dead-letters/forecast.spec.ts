import { expect } from 'chai'
import type { Event, EventType } from '../../../services/contract/shop.ts'
import { reactingServices } from '../../../services/reacting-services.ts'
import { forecast } from '../../../shared/operations/dead-letters/forecast.ts'
import { changeOf } from '../../../shared/saga/context.ts'
import type { Service } from '../../../shared/saga/define/service.ts'
import { applyChange, blank, type Change, type SagaDocument } from '../../../shared/saga/document/document.ts'
import { anEvent } from '../../support/events.ts'
import { eventOf, newOrder } from '../world.ts'

const ruleOf = (name: string): Service => {
  const service = reactingServices.find(one => one.name === name)
  if (!service) throw new Error(`no rules of ${name}`)
  return service
}
const orderId = newOrder()
const event = (type: EventType) => eventOf(type, orderId, type.split('.')[0])
const document = (name: string, change: Change = {}): SagaDocument =>
  applyChange(blank(orderId, ruleOf(name).initial), change)

/**
 * The document of a service after it has heard the events, by its own rules; calls are answered by their
 * happy end.
 */
const withDone = (name: string, done: Event): SagaDocument => {
  const service = ruleOf(name)
  const before = document(name)
  const cause = event('inventory.reserved').id
  const write = { facts: [done], cause, inbox: { [cause]: { outcome: 'applied' as const } } }
  return applyChange(before, changeOf(service, before, write, 0))
}

describe('what a replay would do', () => {
  it('is only to send again what it caused, when the event was applied', () => {
    const captured = withDone('payment', event('payment.captured'))
    const foretold = forecast(ruleOf('payment'), event('inventory.reserved'), captured)
    expect(foretold).to.deep.equal({
      ...{ eventId: event('inventory.reserved').id, subject: orderId, does: 'resends' },
      events: [{ type: 'payment.captured', data: { amount: 2_500 } }],
    })
  })

  it('is nothing, with the reason, when the order is closed there', () => {
    const voided = withDone('payment', event('payment.voided'))
    const late = { ...event('inventory.reserved'), id: `${orderId}:inventory:2` } as Event
    expect(forecast(ruleOf('payment'), late, voided)).to.include({
      ...{ does: 'ignores', reason: 'the payment is closed' },
    })
  })

  it('is the call that would be made, without token and address', () => {
    const foretold = forecast(ruleOf('payment'), event('inventory.reserved'))
    expect(foretold).to.deep.include({ does: 'calls', maySend: ['payment.captured', 'payment.declined'] })
    const { call } = foretold as { call: unknown }
    expect(call).to.deep.include({ kind: 'charge', amount: 2_500, token: '(not shown)' })
    expect(JSON.stringify(call)).to.not.match(/tok_|Main Street|Springfield|Buyer|12345/)
  })

  it('is a hold with its lines, without token and address', () => {
    const { call } = forecast(ruleOf('inventory'), event('order.placed')) as { call: unknown }
    expect(call).to.have.nested.property('reserve.lines[0].sku', 'SKU-1')
    expect(JSON.stringify(call)).to.not.match(/tok_|Main Street|Springfield|Buyer|12345/)
  })

  it('is the events and the change of state when its rules answer at once', () => {
    expect(forecast(ruleOf('payment'), event('shipment.refused'))).to.deep.include({
      ...{ does: 'applies', from: 'none', to: 'closed' },
      events: [{ type: 'payment.voided', data: {} }],
    })
  })

  it('names an open call, which comes first', () => {
    const intent = { source: { id: event('inventory.reserved').id, type: 'inventory.reserved' }, call: {} }
    const open = document('payment', { intent: { ...intent, record: 'once' } })
    expect(forecast(ruleOf('payment'), event('shipment.refused'), open)).to.include({ opens: 'open-call' })
  })

  it('is to fail again when the service does not hear the event, or its rule throws', () => {
    expect(forecast(ruleOf('payment'), event('order.placed'))).to.include({
      ...{ does: 'fails', reason: 'event-unknown' },
    })
    const throwing = () => {
      throw new TypeError('a programming error')
    }
    const payment = ruleOf('payment')
    const broken = { ...payment, reactions: payment.reactions.map(one => ({ ...one, decide: throwing })) }
    expect(forecast(broken, event('shipment.refused'))).to.include({ does: 'fails', reason: 'TypeError' })
  })

  it('can be told of every event that any service hears', () => {
    for (const service of reactingServices)
      for (const { on } of service.reactions) {
        const foretold = forecast(service, anEvent(on.type as EventType))
        expect(foretold.does, `${service.name} ${on.type}`).to.be.oneOf(['applies', 'calls', 'ignores'])
        expect(JSON.stringify(foretold)).to.not.match(/tok_|Main Street|Springfield|Buyer|12345/)
      }
  })
})
