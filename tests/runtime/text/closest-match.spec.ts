import { expect } from 'chai'
import { closestMatch } from '../../../shared/runtime/text/closest-match.ts'

describe('the closest match of a word', () => {
  const names = ['status', 'saga', 'stock', 'topology']
  for (const [word, match] of [
    ['status', 'status'],
    ['statsu', 'status'],
    ['stok', 'stock'],
    ['topolgoy', 'topology'],
    ['sga', 'saga'],
    ['stxxk', undefined],
    ['xyz', undefined],
    ['st', undefined],
    ['', undefined],
  ] as const)
    it(`among ${names.join(', ')} of "${word}" is ${match ?? 'none'}`, () => {
      expect(closestMatch(word, names)).to.equal(match)
    })

  it('is the one that takes the fewest changes, and the first of those that take as many', () => {
    expect(closestMatch('stack', ['stocks', 'stock', 'stick'])).to.equal('stock')
  })
})
