import { expect } from 'chai'
import { adviceByCode, adviceOn } from '../../../shared/operations/dead-letters/advice.ts'
import { helpByCode } from '../../../shared/runtime/errors.ts'
import { read } from '../../docs/page.ts'

describe('what to do about a dead letter', () => {
  it('is said for each code of ours, and the runbook has a row for each that can park', () => {
    const sections = read('docs/operations.md').split('\n## ')
    const runbook = sections.find(section => section.startsWith('Dead letters\n')) ?? ''
    for (const code of Object.keys(adviceByCode)) expect(runbook, code).to.include(`\`${code}\``)
    for (const reason of Object.keys(helpByCode)) expect(adviceOn({ reason }), reason).to.match(/^\w.*[^.]$/)
  })

  it('is where the error came from, for one that nobody raised on purpose', () => {
    expect(adviceOn({ reason: 'TypeError', errorAt: 'services/payment/domain.ts:41' })).to.equal(
      'fix the code at services/payment/domain.ts:41, and deploy it',
    )
    expect(adviceOn({ reason: 'TypeError' })).to.equal(
      'fix what TypeError comes from: the log of the service has the error with its stack',
    )
  })

  it('is the handler when that made what its schema refuses, and the sender when it came so', () => {
    expect(adviceOn({ reason: 'event-invalid' })).to.include('fix whoever made it')
    expect(adviceOn({ reason: 'event-invalid', errorAt: 'a.ts:1' })).to.include('fix the handler')
  })

  it('has words for a code of MongoDB', () => {
    expect(adviceOn({ reason: '13' })).to.include('lacks a right')
    expect(adviceOn({ reason: '99' })).to.equal('find out what code 99 means to the server that said it')
    expect(adviceOn({ reason: 'constructor' })).to.include('fix what constructor comes from')
  })
})
