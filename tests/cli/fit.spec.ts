import { expect } from 'chai'
import fc from 'fast-check'
import { cut, fitted, widthOf, wrapped } from '../../cli/fit.ts'
import { visible, visibleJson, visibleText } from '../../cli/visible.ts'

const red = (text: string) => `\u001b[31m${text}\u001b[0m`

describe('rows that are fitted to a screen', () => {
  const rows = [
    ['one', { whole: 'the whole of it', brief: 'it' }, '', 'last words'],
    ['eleven', { whole: 'and this', brief: 'this' }, '', 'more'],
  ]
  const lines = (columns: number) => fitted(rows, { columns, drop: [1] })

  it('stay whole where there is room', () => {
    expect(lines(80)).to.deep.equal([
      'one     the whole of it    last words',
      'eleven  and this           more',
    ])
  })

  it('become brief, leave out what is empty, then what matters least, and end with … at last', () => {
    expect(lines(26)).to.deep.equal(['one     it      last words', 'eleven  this    more'])
    expect(lines(25)).to.deep.equal(['one     it    last words', 'eleven  this  more'])
    expect(lines(20)).to.deep.equal(['one     last words', 'eleven  more'])
    expect(lines(12)).to.deep.equal(['one     las…', 'eleven  more'])
  })

  it('are never wider than the screen, whatever is in them', () => {
    const cell = fc.oneof(fc.string({ unit: 'grapheme' }).map(visibleText), fc.constant(red('状態 ok')))
    const anything = fc.array(fc.tuple(cell, cell, cell), { minLength: 1 })
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 40 }), (some, columns) =>
        fitted(some, { columns, drop: [0] }).every(line => widthOf(line) <= columns),
      ),
    )
  })

  it('are measured as a terminal does: colours and accents take nothing, 状 and 🚚 two columns', () => {
    expect([red('abc'), 'e\u0301', '状態', '🚚'].map(widthOf)).to.deep.equal([3, 1, 4, 2])
  })

  it('end their colours where they are cut', () => {
    expect(cut(red('abcdef'), 4)).to.equal('\u001b[31mabc…\u001b[0m')
  })

  it('are wrapped between words only, where they are sentences', () => {
    expect(wrapped('  do: send it again, then look', 16, 6)).to.equal(
      '  do: send it\n      again,\n      then look',
    )
    expect(wrapped('unbreakable words', 4)).to.equal('unbreakable\nwords')
  })
})

describe('what others wrote, on the screen of an operator', () => {
  const hostile = { id: 'a\u001b[2Jb', deep: [{ 'k\u0007': 'x\u202ey\nz\u009b\u{e0041}\ud800' }] }

  it('names what cannot be seen, in texts and names of fields', () => {
    expect(visible(hostile)).to.deep.equal({
      id: 'a<U+001B>[2Jb',
      deep: [{ 'k<U+0007>': 'x<U+202E>y<U+000A>z<U+009B><U+E0041><U+D800>' }],
    })
  })

  it('leaves the words of every script and pictures as they are', () => {
    for (const text of ['Zoë', '状態', 'שלום', 'سلام', '👩‍🚒 🚚']) expect(visibleText(text)).to.equal(text)
  })

  it('is the same value in JSON, and nothing that a terminal obeys', () => {
    const json = visibleJson(hostile)
    expect(json).to.match(/^[ -~]*$/)
    expect(JSON.parse(json)).to.deep.equal(hostile)
  })
})
