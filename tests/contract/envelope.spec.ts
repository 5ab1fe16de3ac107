import { expect } from 'chai'
import fc from 'fast-check'
import { OrderPlaced } from '../../services/contract/order.ts'
import { PaymentVoided } from '../../services/contract/payment.ts'
import { shop } from '../../services/contract/shop.ts'
import { batchType, decode, encode, encodeRaw, singleType } from '../../shared/contract/envelope.ts'
import { hasCode } from '../../shared/runtime/errors.ts'
import { anEvent } from '../support/events.ts'

const codeFrom = (work: () => unknown): string => {
  try {
    work()
    return 'nothing was thrown'
  } catch (error) {
    return (error as { code?: string }).code ?? 'no code'
  }
}
const causationid = anEvent('payment.declined').id
const refusedAs = (json: unknown): [code: string, retry: string] => {
  const [decoded] = decode(shop, Buffer.from(JSON.stringify(json)), singleType)
  return decoded && 'error' in decoded ? [decoded.error.code, decoded.error.retry] : ['accepted', '']
}
const refusalOf = (json: unknown): string => {
  const [decoded] = decode(shop, Buffer.from(JSON.stringify(json)), singleType)
  return decoded && 'error' in decoded ? decoded.error.code : 'accepted'
}
const asJson = (type: Parameters<typeof anEvent>[0]) =>
  JSON.parse(encode(shop, [anEvent(type)]).body.toString())

describe('the envelope', () => {
  it('carries one event in structured mode, and gives it back whole', () => {
    const event = anEvent('order.placed')
    const { body, contentType } = encode(shop, [event])
    expect(contentType).to.equal(singleType)
    expect(decode(shop, body, contentType)).to.deep.equal([{ event, json: JSON.parse(body.toString()) }])
  })

  it('carries several events as a batch, in order', () => {
    const events = [anEvent('payment.voided'), anEvent('payment.voided'), anEvent('payment.voided')]
    const { body, contentType } = encode(shop, events)
    expect(contentType).to.equal(batchType)
    const elements = JSON.parse(body.toString()) as unknown[]
    expect(decode(shop, body, contentType)).to.deep.equal(
      events.map((event, i) => ({ event, json: elements[i] })),
    )
  })

  it('refuses one broken element of a batch and keeps its neighbours', () => {
    const good = anEvent('payment.voided')
    const batch = [
      asJson('payment.voided'),
      { nonsense: true },
      JSON.parse(encode(shop, [good]).body.toString()),
    ]
    const decoded = decode(shop, Buffer.from(JSON.stringify(batch)), batchType)
    expect(decoded.map(one => ('event' in one ? 'event' : one.error.code))).to.deep.equal([
      'event',
      'event-invalid',
      'event',
    ])
    const broken = decoded[1]
    expect(broken && 'json' in broken && JSON.parse(encodeRaw(broken.json).body.toString())).to.deep.equal({
      nonsense: true,
    })
  })

  for (const [what, body, contentType] of [
    ['broken JSON', '{"id":', singleType],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), singleType],
    ['nothing', '', singleType],
    ['an empty batch', '[]', batchType],
    ['a batch that is none', '{}', batchType],
    ['another content type', '{}', 'text/plain'],
    ['no content type', '{}', undefined],
  ] as const)
    it(`finds ${what} unreadable`, () => {
      expect(codeFrom(() => decode(shop, Buffer.from(body), contentType))).to.equal('body-unreadable')
    })

  it('[I17] refuses a type that the contract does not have, for good', () => {
    for (const type of ['payment.vanished', '__proto__'])
      expect(refusedAs({ ...asJson('payment.voided'), type })).to.deep.equal(['event-unknown', 'never'])
  })

  it('[I17] refuses a version that is newer than its own, until somebody knows it, and says whose it is', () => {
    const json = { ...asJson('payment.voided'), dataversion: 99, data: { by: 'nobody knows' }, causationid }
    expect(refusedAs(json)).to.deep.equal(['event-newer', 'later'])
    const [decoded] = decode(shop, Buffer.from(JSON.stringify(json)), singleType)
    if (!decoded || 'event' in decoded) throw new Error('it was accepted')
    const { id, subject, time: at } = json
    expect(decoded.newer).to.deep.equal({
      ...{ id, subject, at, type: 'payment.voided', version: 99, cause: causationid },
    })
    expect(decoded.error.message)
      .to.include(`payment.voided v99, known up to v${PaymentVoided.version}`)
      .and.not.include('nobody knows')
  })

  it('[I24] knows an event under the id of another service as forged, whatever its version', () => {
    const [id, order] = [`${asJson('payment.voided').subject}:order:1`, asJson('order.placed')]
    for (const dataversion of [1, 99])
      expect(refusedAs({ ...asJson('payment.voided'), id, dataversion })).to.deep.equal([
        'event-forged',
        'never',
      ])
    expect(refusedAs({ ...order, id: order.id.replace(/^ord_./, 'ord_v'), dataversion: 99 })[0]).to.equal(
      'event-forged',
    )
  })

  it('speaks for the service that recorded an event, also when a newer release has added its type', () => {
    const event = { ...anEvent('payment.voided'), type: 'payment.split', version: 7 } as never
    expect(JSON.parse(encode(shop, [event]).body.toString())).to.deep.include({
      ...{ source: '/choreo/payment', type: 'payment.split', dataversion: 7 },
    })
  })

  it('refuses an old version with data that its upcast cannot take, and keeps its neighbours', () => {
    const old = { ...asJson('order.placed'), dataversion: 1, data: { lines: [null] } }
    const batch = Buffer.from(JSON.stringify([old, asJson('order.placed')]))
    const [broken, good] = decode(shop, batch, batchType)
    expect(broken && 'error' in broken && broken.error.code).to.equal('upcast-failed')
    expect(good).to.have.property('event')
  })

  it('refuses data with an unknown field, a `__proto__` key or a wrong amount', () => {
    const placed = asJson('order.placed')
    expect(refusalOf({ ...placed, data: { ...placed.data, discount: 1 } })).to.equal('event-invalid')
    expect(refusalOf({ ...placed, data: { ...placed.data, total: 12.5 } })).to.equal('event-invalid')
    const forged = JSON.stringify(placed).replace('"data":{', '"data":{"__proto__":{"polluted":1},')
    const [decoded] = decode(shop, Buffer.from(forged), singleType)
    expect(decoded).to.have.property('error')
    expect(({} as Record<string, unknown>).polluted).to.equal(undefined)
  })

  it('[I19] never shows a value in an error, because it may be a secret', () => {
    const work = () => OrderPlaced({ paymentToken: 'tok CANARY' } as never)
    expect(codeFrom(work)).to.equal('event-invalid')
    try {
      work()
    } catch (error) {
      expect(hasCode(error, 'event-invalid')).to.equal(true)
      expect(String(error)).to.include('paymentToken').and.not.include('CANARY')
    }
  })

  it('answers any bytes with events or with one of its two codes', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.json(), fc.string()),
        fc.constantFrom(singleType, batchType),
        (text, contentType) => {
          const code = codeFrom(() => decode(shop, Buffer.from(text), contentType))
          expect(code).to.be.oneOf(['nothing was thrown', 'body-unreadable'])
        },
      ),
    )
  })

  it('takes deep nesting for what it is, without falling over', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    expect(codeFrom(() => decode(shop, Buffer.from(deep), singleType))).to.be.oneOf([
      'nothing was thrown',
      'body-unreadable',
    ])
  })
})
