import { expect } from 'chai'
import {
  causeIn,
  codeOf,
  hasCode,
  helpByCode,
  isStoreAway,
  SagaError,
  whyNoAnswer,
} from '../../shared/runtime/errors.ts'

describe('an error that Choreo raises', () => {
  it('has its code, what happened, and what its reader can do', () => {
    const error = new SagaError('port-taken', '3000 on 127.0.0.1')
    expect(error.message).to.equal(`port-taken: 3000 on 127.0.0.1. ${helpByCode['port-taken']}`)
    expect(error).to.include({ code: 'port-taken', retry: 'later', help: helpByCode['port-taken'] })
  })

  it('is known by its code, also when its class was loaded twice', () => {
    const same = Object.assign(new Error('away'), { code: 'store-unavailable' })
    expect(hasCode(same, 'store-unavailable')).to.equal(true)
    expect(hasCode({ code: 'store-unavailable' }, 'store-unavailable')).to.equal(false)
    const away = (['store-unavailable', 'server-unsupported', 'contended'] as const).map(code =>
      isStoreAway(new SagaError(code, 'x')),
    )
    expect(away).to.deep.equal([true, true, false])
  })
})

describe('what the log says of anything thrown', () => {
  const refused = Object.assign(new Error('connect 10.0.0.7'), { code: 'ECONNREFUSED' })
  for (const [what, thrown, code] of [
    ['an error of ours', new SagaError('contended', 'secret'), 'contended'],
    ['one of a driver', refused, 'ECONNREFUSED'],
    ['one with a number', Object.assign(new Error('secret'), { code: 404 }), '404'],
    ['one without a code', new TypeError('secret'), 'TypeError'],
    ['something that is no error', 'secret', 'not-an-error'],
  ] as const)
    it(`of ${what} is its code, never its text`, () => {
      expect(codeOf(thrown)).to.equal(code)
    })

  it('is the code of its cause besides, when it has one', () => {
    expect(causeIn(new SagaError('broker-unavailable', 'x', { cause: refused }))).to.deep.equal({
      cause: 'ECONNREFUSED',
    })
    expect([causeIn(new SagaError('contended', 'x')), causeIn('x')]).to.deep.equal([{}, {}])
  })

  it('is why a request got no answer: in time, or what stands in the cause', () => {
    expect(whyNoAnswer(new DOMException('x', 'TimeoutError'))).to.equal('no answer in time')
    expect(whyNoAnswer(new TypeError('fetch failed', { cause: refused }))).to.equal('ECONNREFUSED')
    expect([whyNoAnswer(new TypeError('fetch failed')), whyNoAnswer('x')]).to.deep.equal([
      'TypeError',
      'not-an-error',
    ])
  })
})
