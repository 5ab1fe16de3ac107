import { expect } from 'chai'
import { formatDuration } from '../../../shared/runtime/text/format.ts'

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
