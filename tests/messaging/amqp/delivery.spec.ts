import type { ConsumeMessage } from 'amqplib'
import { expect } from 'chai'
import { browsedMessageOf } from '../../../shared/messaging/amqp/browsed-message.ts'
import { deliveryOf } from '../../../shared/messaging/amqp/delivery.ts'

const received = (properties: object, fields: object = {}): ConsumeMessage =>
  ({
    content: Buffer.from('{}'),
    fields: { routingKey: 'order.placed', redelivered: false, ...fields },
    properties: { headers: {}, ...properties },
  }) as ConsumeMessage

const answers = { ack: () => {}, requeue: () => {} }
const taken = (message: ConsumeMessage) => deliveryOf('payment.inbox', message, answers)

describe('a message of AMQP', () => {
  it('brings the headers that travel, and none that brokers and strangers add', () => {
    const own = {
      ...{ 'x-attempt': 2, 'x-first-failed-at': '2030-01-01T00:00:00.000Z', 'x-reason': 'TypeError' },
      ...{ 'x-origin-key': 'order.placed', 'x-resend': 'nudge-1' },
    }
    const headers = { ...own, 'x-death': [{ reason: 'expired' }], 'x-delivery-count': 3, theirs: 'x' }
    expect(taken(received({ headers })).headers).to.deep.equal(own)
  })

  for (const [what, value] of [
    ['negative', -1],
    ['no whole number', 1.5],
    ['a text', '2'],
  ] as const)
    it(`has no attempts when their count is ${what}`, () => {
      expect(taken(received({ headers: { 'x-attempt': value } })).headers).to.deep.equal({})
    })

  it('has no text that a copy could not carry: none of more than 255 bytes', () => {
    const [fits, tooLong] = ['é'.repeat(127), 'é'.repeat(128)]
    const { messageId, type } = taken(received({ messageId: fits, type: tooLong }))
    expect([messageId, type]).to.deep.equal([fits, undefined])
    expect(taken(received({ headers: { 'x-reason': tooLong } })).headers).to.deep.equal({})
  })

  it('counts earlier deliveries only when the broker says that it is one of several', () => {
    const headers = { 'x-delivery-count': 3 }
    expect(taken(received({ headers })).earlierDeliveries).to.equal(0)
    expect(taken(received({ headers }, { redelivered: true })).earlierDeliveries).to.equal(3)
    expect(taken(received({}, { redelivered: true })).earlierDeliveries).to.equal(0)
  })

  it('has a body of its own, not a view on what the socket read', () => {
    const content = Buffer.from('{"a":1}')
    const { body } = taken({ ...received({}), content })
    content.fill(0)
    expect(body.toString()).to.equal('{"a":1}')
  })
})

describe('a message that is browsed', () => {
  const shown = (properties: object) => browsedMessageOf('payment.dlq', received(properties), () => {})

  it('says why, when and under which key the broker moved it last', () => {
    const death = {
      reason: 'delivery_limit',
      'routing-keys': ['order.placed'],
      time: { value: 1_893_456_000 },
    }
    const { death: told, sentAt } = shown({ timestamp: 1_893_456_000, headers: { 'x-death': [death, {}] } })
    expect(told).to.deep.equal({
      reason: 'delivery-limit',
      key: 'order.placed',
      at: Date.UTC(2030, 0, 1),
    })
    expect(sentAt).to.equal(Date.UTC(2030, 0, 1))
  })

  it('says nothing of a death that there was not, and nothing wrong of one that somebody forged', () => {
    expect(shown({})).to.include({ death: undefined, sentAt: undefined })
    expect(shown({ headers: { 'x-death': 'x' } }).death).to.equal(undefined)
    expect(shown({ headers: { 'x-death': [{ 'routing-keys': 7, time: 'x' }] } }).death).to.deep.equal({
      reason: 'unknown',
      key: undefined,
      at: undefined,
    })
  })
})
