import { expect } from 'chai'
import { paceAfter } from '../../../../services/tracking/follow/pace.ts'

describe('the pace of tracking', () => {
  it('lets a batch follow soon after one that was quick', () => {
    expect([0, 3, 7].map(paceAfter)).to.deep.equal([30, 30, 30])
  })

  it('lets those that take long come as seldom as leaves time for other work, and never keeps news back for long', () => {
    expect([20, 40, 1_000].map(paceAfter)).to.deep.equal([80, 160, 250])
  })
})
