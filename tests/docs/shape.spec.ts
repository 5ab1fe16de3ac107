import { expect } from 'chai'
import { shapeOf, shownShape } from './shape.ts'

const order = (digit: string) => `ord_${digit.repeat(26)}`

describe('what a page shows of an output', () => {
  const shows = `${order('a')}  rejected, payment-declined\n    0.171 s  payment  payment.captured  91 ms after inventory.reserved\n`

  it('is the same for another order, another time and another order of lines', () => {
    const output = `  2.003 s  payment    payment.captured   7 ms after inventory.reserved\n${order('b')}  rejected, payment-declined`
    expect(shapeOf(output)).to.deep.equal(shownShape(shows).lines)
  })

  for (const [what, output] of Object.entries({
    'another reason': shows.replace('payment-declined', 'out-of-stock'),
    'another cause': shows.replace('inventory.reserved', 'order.placed'),
    'a line less': shows.split('\n').slice(0, 1).join('\n'),
    'a line more': `${shows}wrong  payment does not answer\n`,
  }))
    it(`is not the same with ${what}`, () => {
      expect(shapeOf(output)).to.not.deep.equal(shownShape(shows).lines)
    })

  it('may leave lines out, and says so by a line with dots', () => {
    expect(shownShape('first\n…\nlast\n')).to.deep.equal({ lines: ['first', 'last'], only: true })
    expect(shownShape('first\n').only).to.equal(false)
  })
})
