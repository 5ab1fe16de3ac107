import { expect } from 'chai'
import fc from 'fast-check'
import { batchType, decode, encode, encodeRaw, singleType } from '../../shared/contract/envelope.ts'
import { OrderPlaced } from '../../shared/contract/order.ts'
import { hasCode } from '../../shared/runtime/errors.ts'
import { anEvent } from '../given/events.ts'

const codeFrom = (work: () => unknown): string => {
  try {
    work()
    return 'nothing was thrown'
  } catch (error) {
    return (error as { code?: string }).code ?? 'no code'
  }
}
const refusalOf = (json: unknown): string => {
  const [decoded] = decode(Buffer.from(JSON.stringify(json)), singleType)
  return decoded && 'error' in decoded ? decoded.error.code : 'accepted'
}
const asJson = (type: Parameters<typeof anEvent>[0]) => JSON.parse(encode([anEvent(type)]).body.toString())

describe('the envelope', () => {
  it('carries one event in structured mode, and gives it back whole', () => {
    const event = anEvent('order.placed')
    const { body, contentType } = encode([event])
    expect(contentType).to.equal(singleType)
    expect(decode(body, contentType)).to.deep.equal([{ event }])
  })

  it('carries several events as a batch, in order', () => {
    const events = [anEvent('payment.voided'), anEvent('payment.voided'), anEvent('payment.voided')]
    const { body, contentType } = encode(events)
    expect(contentType).to.equal(batchType)
    expect(decode(body, contentType)).to.deep.equal(events.map(event => ({ event })))
  })

  it('refuses one broken element of a batch and keeps its neighbours', () => {
    const good = anEvent('payment.voided')
    const batch = [asJson('payment.voided'), { nonsense: true }, JSON.parse(encode([good]).body.toString())]
    const decoded = decode(Buffer.from(JSON.stringify(batch)), batchType)
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
      expect(codeFrom(() => decode(Buffer.from(body), contentType))).to.equal('body-unreadable')
    })

  it('[I17] refuses a type and a version that the contract does not have', () => {
    expect(refusalOf({ ...asJson('payment.voided'), type: 'payment.vanished' })).to.equal('event-unknown')
    expect(refusalOf({ ...asJson('payment.voided'), type: '__proto__' })).to.equal('event-unknown')
    expect(refusalOf({ ...asJson('payment.voided'), dataversion: 2 })).to.equal('event-unknown')
  })

  it('refuses data with an unknown field, a `__proto__` key or a wrong amount', () => {
    const placed = asJson('order.placed')
    expect(refusalOf({ ...placed, data: { ...placed.data, discount: 1 } })).to.equal('event-invalid')
    expect(refusalOf({ ...placed, data: { ...placed.data, total: 12.5 } })).to.equal('event-invalid')
    const forged = JSON.stringify(placed).replace('"data":{', '"data":{"__proto__":{"polluted":1},')
    const [decoded] = decode(Buffer.from(forged), singleType)
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
          const code = codeFrom(() => decode(Buffer.from(text), contentType))
          expect(code).to.be.oneOf(['nothing was thrown', 'body-unreadable'])
        },
      ),
    )
  })

  it('takes deep nesting for what it is, without falling over', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    expect(codeFrom(() => decode(Buffer.from(deep), singleType))).to.be.oneOf([
      'nothing was thrown',
      'body-unreadable',
    ])
  })
})
