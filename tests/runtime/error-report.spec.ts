import { expect } from 'chai'
import fc from 'fast-check'
import { z } from 'zod'
import { briefOf, reportOf } from '../../shared/runtime/error-report.ts'
import { SagaError } from '../../shared/runtime/errors.ts'
import { textsIn } from '../../shared/runtime/text/masked.ts'

const thrownBy = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return error
  }
}

const gold = () => (undefined as unknown as { gold: number }).gold

describe('the report of an error', () => {
  it('has the words of a programming error, where it came from, and how it got there', () => {
    const { stack = '', ...report } = reportOf(thrownBy(gold), [])
    expect(report).to.deep.include({
      ...{ code: 'TypeError', unexpected: true },
      error: "Cannot read properties of undefined (reading 'gold')",
    })
    expect(report.errorAt).to.match(/^tests\/runtime\/error-report\.spec\.ts:\d+$/)
    const [first, ...others] = stack.split('\n')
    expect(first).to.equal(`gold (${report.errorAt})`)
    expect(others.join('\n')).to.match(/node_modules\/mocha\/lib/)
    expect(others).to.have.length.below(10)
    expect(stack).to.not.include(process.cwd())
  })

  it('has no place in the packages or in Node', () => {
    const report = reportOf(thrownBy(() => new URL('x')))
    expect(report.errorAt).to.match(/^tests\//)
    expect(report.stack).to.match(/^new URL \(node:/)
  })

  it('has the words of an error of ours and no stack, for its code says what to do', () => {
    const cause = Object.assign(new Error('x'), { code: 'ECONNREFUSED' })
    const error = new SagaError('store-unavailable', 'mongodb://a:b@host/c gave no answer', { cause })
    expect(reportOf(error)).to.deep.equal({
      ...{ code: 'store-unavailable', cause: 'ECONNREFUSED', unexpected: false },
      error: 'mongodb://host gave no answer',
    })
  })

  it('takes what a socket says for the fault of no code', () => {
    const error = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), {
      ...{ code: 'ECONNREFUSED', syscall: 'connect' },
    })
    expect(reportOf(error)).to.deep.equal({
      ...{ code: 'ECONNREFUSED', error: 'connect ECONNREFUSED 127.0.0.1:1', unexpected: false },
    })
  })

  it('names the fields that a schema refuses, and not what stood there', () => {
    const refused = z.strictObject({ a: z.int() }).safeParse({ a: 'SECRET', SECRET: 1 }).error
    expect(reportOf(refused, []).error).to.equal('a (invalid_type), data (unrecognized_keys)')
  })

  it('says of what is no error that it is none', () => {
    expect(reportOf('SECRET')).to.deep.equal({ code: 'not-an-error', unexpected: true })
  })

  it('does not take its own words for a frame', () => {
    const report = reportOf(new Error('x\n    at SECRET (/home/somebody/shop.ts:1:2)'), ['SECRET'])
    expect(report.errorAt).to.match(/^tests\/runtime/)
    expect(report.stack).to.not.include('shop.ts')
  })

  it('[I19] hides values in the names of functions as well', () => {
    const token = 'tok_approve'
    const calls = { [token]: () => gold() }
    expect(reportOf(thrownBy(calls[token] as () => unknown), [token]).stack).to.not.include(token)
  })

  it('is short, and shorter where it goes with a message: 200 characters that fit a short string of AMQP', () => {
    const report = reportOf(new Error('ä'.repeat(2_000)), [])
    expect(report.error).to.have.length(500)
    const brief = briefOf(report)
    expect(Buffer.byteLength(brief.error ?? '')).to.be.within(240, 255)
    expect(briefOf(reportOf(new Error('a'.repeat(2_000)), [])).error).to.match(/^a{199}…$/)
    expect(briefOf({})).to.deep.equal({})
  })

  it('[I19] quotes no value, whatever is thrown about it', () => {
    const text = fc.string({ minLength: 6, maxLength: 20 }).filter(one => /^[a-z0-9]{6,}$/i.test(one.trim()))
    fc.assert(
      fc.property(fc.record({ name: text, token: text }), data => {
        const values = textsIn(data)
        for (const error of [
          thrownBy(() => JSON.parse(`{"name": "${data.name}", x`)),
          thrownBy(() => JSON.parse(`${data.token}`)),
          thrownBy(() => (undefined as unknown as Record<string, string>)[data.token]),
          new RangeError(`no ${data.name} with ${JSON.stringify(data)}`),
          Object.assign(new Error(`E11000 dup key: { token: "${data.token}" }`), { code: 11_000 }),
        ]) {
          const told = JSON.stringify(reportOf(error, values)).toLowerCase()
          for (const value of values) expect(told).to.not.include(value.trim().toLowerCase())
        }
      }),
    )
  })
})
