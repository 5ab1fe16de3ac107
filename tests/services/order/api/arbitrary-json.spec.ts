import { expect } from 'chai'
import fc from 'fast-check'
import { anOrder } from '../../../../harness/an-order.ts'
import { closeApis, type OpenApi, openApi } from './api-server.ts'

const prototypeOf = () => Object.getOwnPropertyNames(Object.prototype)

/** An order in which any value, at any depth, may be another one, or gone. */
const mutatedOrder = fc
  .tuple(
    fc.constantFrom('customerId', 'lines', 'payment', 'shipTo', '__proto__', '$set', 'x.y'),
    fc.jsonValue(),
  )
  .map(([key, value]) => {
    const text = JSON.stringify(anOrder())
    return `${text.slice(0, -1)},${JSON.stringify(key)}:${JSON.stringify(value)}}`
  })

const codeUnit = fc.nat({ max: 0xffff }).map(code => String.fromCharCode(code))

describe('the public API, given arbitrary JSON', () => {
  let door: OpenApi
  before(async () => {
    door = await openApi()
  })
  after(closeApis)

  const neverFails = (bodies: fc.Arbitrary<string>) =>
    fc.assert(
      fc.asyncProperty(bodies, async body => {
        const before = prototypeOf()
        const { status, headers } = await door.send('POST', '/orders', { body })
        expect(status).to.be.oneOf([202, 400, 422])
        if (status !== 202) expect(headers.get('content-type')).to.equal('application/problem+json')
        expect(prototypeOf()).to.deep.equal(before)
      }),
      { numRuns: 150 },
    )

  it('never answers with 5xx to a JSON value', () => neverFails(fc.json()))
  it('never answers with 5xx to an order with one field replaced', () => neverFails(mutatedOrder))
  it('never answers with 5xx to text', () => neverFails(fc.string({ unit: codeUnit, maxLength: 200 })))

  it('never answers with 5xx to any path', () =>
    fc.assert(
      fc.asyncProperty(fc.webPath(), fc.constantFrom('GET', 'POST', 'PUT'), async (path, method) => {
        const { status } = await door.send(method, path.startsWith('//') ? '/' : path || '/')
        expect(status).to.be.below(500)
      }),
      { numRuns: 100 },
    ))
})
