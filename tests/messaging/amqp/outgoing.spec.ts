import { expect } from 'chai'
import { notSent, propertiesOf, unavailable, unroutable } from '../../../shared/messaging/amqp/outgoing.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { message } from '../messages.ts'

describe('a message that goes out', () => {
  const sender = { appId: 'payment', clock: manualClock(1_999) }
  const properties = (changes: Parameters<typeof message>[1]) =>
    propertiesOf({ message: message('m1', changes) } as never, sender)

  it('must be routed and outlive the broker, and names its sender and the second', () => {
    expect(properties({})).to.deep.equal({
      ...{ mandatory: true, persistent: true, messageId: 'm1', type: 'order.placed' },
      ...{ contentType: 'application/cloudevents+json', timestamp: 1, appId: 'payment' },
    })
  })

  it('has a correlation id and headers only when it is given them', () => {
    const given = { correlationId: 'ord_1', headers: { 'x-resend': 'nudge-1' } }
    expect(properties(given)).to.include(given)
  })
})

describe('the error of a message that was not sent', () => {
  it('is final only when AMQP cannot carry the message', () => {
    const closing = Object.assign(new Error('Channel closing'), { name: 'IllegalOperationError' })
    const tooLong = new TypeError('longer than 255 bytes')
    const errors = [notSent(message('m1'), closing), notSent(message('m1'), tooLong)]
    expect(errors.map(({ code, retry }) => [code, retry])).to.deep.equal([
      ['broker-unavailable', 'later'],
      ['broker-refused', 'never'],
    ])
    expect(errors[1]?.cause).to.equal(tooLong)
  })

  it('names the message, or the route that no queue takes', () => {
    expect(unavailable(message('m1'), 'closed')).to.include({ code: 'broker-unavailable' })
    expect(unavailable(message('m1'), 'closed').message).to.include('m1: closed')
    expect(unroutable(message('m1')).message).to.include('saga.events order.placed')
  })
})
