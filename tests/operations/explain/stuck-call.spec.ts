import { expect } from 'chai'
import { explain } from '../../../shared/operations/explain/explain.ts'
import { at, between, calling, evidence } from './evidence.ts'

const last = { at, reason: 'it answered 422' }

describe('why an order waits whose call is refused for good', () => {
  it('is that a person has to decide, once the call is stuck', () => {
    const refusals = { count: 4, last, stuckSince: at - 60_000 }
    const verdict = explain(evidence(between(calling({ due: at + 30_000, failures: 4, refusals }))))
    const [cause] = verdict.causes
    expect([verdict.status, cause?.kind]).to.deep.equal(['stuck', 'call-stuck'])
    expect(cause?.words).to.match(
      /refused for good: 4 refusals, the last at 2030-01-01T00:10:00Z \(it answered 422\)/,
    )
    expect(cause?.todo).to.match(/saga resolve ord_\S+ --service payment/)
  })

  it('is an open call while it was not refused often enough', () => {
    const refusals = { count: 2, last }
    const verdict = explain(evidence(between(calling({ due: at + 30_000, failures: 2, refusals }))))
    expect([verdict.status, verdict.causes[0]?.kind]).to.deep.equal(['under-way', 'call-open'])
  })
})
