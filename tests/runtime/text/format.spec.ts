import { expect } from 'chai'
import { formatDuration, formatList } from '../../../shared/runtime/text/format.ts'

describe('a span of time', () => {
  for (const [ms, words] of [
    [0, 'less than 1 s'],
    [61_000, '1 min'],
    [7_200_000, '2 h'],
    [86_400_000 * 3, '3 d'],
  ] as const)
    it(`of ${ms} ms is ${words}`, () => {
      expect(formatDuration(ms)).to.equal(words)
    })
})

describe('a list of names', () => {
  it('is whole when it is short, and else says how many more there are', () => {
    expect(formatList([])).to.equal('')
    expect(formatList(['a', 'b', 'c', 'd', 'e'])).to.equal('a, b, c, d, e')
    expect(formatList(['a', 'b', 'c', 'd', 'e', 'f'])).to.equal('a, b, c, d and 2 more')
  })
})
