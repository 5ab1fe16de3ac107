import { expect } from 'chai'
import { orderIdOf } from '../../../services/contract/ids.ts'
import { blank } from '../../../shared/saga/document/document.ts'
import { recentDocuments } from '../../../shared/saga/document/recent-documents.ts'

const orderId = (n: number) => orderIdOf(String(n).padStart(26, '0'))
const document = (n: number, version: number) => ({ ...blank(orderId(n), 'state'), version })

describe('recent documents', () => {
  it('are what was written last, whatever is heard of an older write later', () => {
    const recent = recentDocuments<string>(10)
    recent.keep(document(1, 2))
    recent.keep(document(1, 1))
    expect(recent.get(orderId(1))?.version).to.equal(2)
  })

  it('are forgotten when somebody else wrote, or when there are too many: first those that were written longest ago', () => {
    const recent = recentDocuments<string>(2)
    for (const n of [1, 2, 1, 3]) recent.keep(document(n, n))
    expect([1, 2, 3].filter(n => recent.get(orderId(n)))).to.deep.equal([1, 3])
    recent.forget(orderId(3))
    expect(recent.get(orderId(3))).to.equal(undefined)
  })
})
