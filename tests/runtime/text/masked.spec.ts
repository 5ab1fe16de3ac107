import { expect } from 'chai'
import fc from 'fast-check'
import { hidden, masked, serversOnly, textsIn, withoutQuotes } from '../../../shared/runtime/text/masked.ts'

describe('a text that may quote what nobody may see', () => {
  const values = ['Ada Lovelace', '12 St James’s Square', 'SW1Y 4JH', 'GB', 'tok_approve', 'a "quoted" name']
  const cases: readonly (readonly [what: string, text: string, shown: string])[] = [
    ['a whole value', 'no way to Ada Lovelace', 'no way to ***'],
    ['a value in other letters', 'no way to ADA LOVELACE', 'no way to ***'],
    ['several values', 'tok_approve, GB and SW1Y 4JH', '*** and ***'],
    ['a value as JSON writes it', String.raw`at a \"quoted\" name`, 'at ***'],
    ['a value as a URL writes it', 'GET /Ada%20Lovelace', 'GET /***'],
    ['a word of a value', 'Mrs Lovelace is away', 'Mrs *** is away'],
    ['a piece of a word of a value', 'near "St Jam", token tok_appr', 'near "St Jam", token ***'],
    ['a value inside a longer word', 'key_tok_approve_2', 'key_***_2'],
    ['a short value as a word alone', 'GB is no GBP and no rugby', '*** is no GBP and no rugby'],
  ]
  for (const [what, text, shown] of cases)
    it(`has not ${what}`, () => {
      expect(masked(text, values)).to.equal(shown)
    })

  it('stays as it is without values, and where none stands', () => {
    expect(masked('Cannot read properties of undefined', values)).to.equal(
      'Cannot read properties of undefined',
    )
    expect(masked('a *** b', ['', ' '])).to.equal('a *** b')
  })

  it('[I19] has no value of four characters and more, whatever the value and wherever it stands', () => {
    const value = fc.string({ minLength: 4, maxLength: 30, unit: 'grapheme' }).filter(one => {
      const bare = one.trim()
      return bare.length >= 4 && !/[*\p{Cs}]/u.test(bare)
    })
    fc.assert(
      fc.property(value, fc.string(), fc.string(), (secret, before, after) => {
        const shown = masked(`${before}${secret}${after}`, [secret])
        return !shown.toLowerCase().includes(secret.trim().toLowerCase())
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('what drivers and parsers say', () => {
  const cases: readonly (readonly [what: string, text: string, names: boolean, shown: string])[] = [
    ['keeps the name of a property', "undefined (reading 'gold')", true, "undefined (reading 'gold')"],
    ['drops it when it may be data', "undefined (reading 'gold')", false, "undefined (reading '***')"],
    ['drops what is no name', 'token "Ada L"... is not JSON', true, 'token "***"... is not JSON'],
    ['drops a text that does not end', 'near "Ada Lov', true, 'near "***"'],
    ['keeps an apostrophe', "can't read the caller's 'x'", true, "can't read the caller's 'x'"],
    [
      'drops documents',
      'E11000 duplicate key error collection: a.orders index: b dup key: { b: "x", c: 12 }',
      true,
      'E11000 duplicate key error collection: a.orders index: b dup key: {***}',
    ],
    ['drops half a document', 'cannot read {"a": {"b": 1}', true, 'cannot read {***}'],
  ]
  for (const [what, text, names, shown] of cases)
    it(what, () => {
      expect(withoutQuotes(text, { names })).to.equal(shown)
    })

  it('keeps the server of a URL alone', () => {
    expect(serversOnly('mongodb://user:pass@host:27017/a?b=c is away, see https://x.example/y')).to.equal(
      'mongodb://host:27017 is away, see https://x.example',
    )
  })

  it('finds every text and number of a value', () => {
    expect(textsIn({ a: 'x', b: [1, { c: 'y' }], d: null, e: true })).to.deep.equal(['x', '1', 'y'])
    expect(hidden).to.match(/^\*+$/)
  })
})
