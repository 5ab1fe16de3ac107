import { createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { base32, systemRandom } from '../../shared/runtime/random.ts'

/** The first 130 bits by the definition: one large number, cut into digits of 5 bits. */
const byDefinition = (bytes: Uint8Array): string => {
  const bits = [...bytes].map(byte => byte.toString(2).padStart(8, '0')).join('')
  const digits = Array.from({ length: 26 }, (_, i) => Number.parseInt(bits.slice(i * 5, i * 5 + 5), 2))
  return digits.map(digit => digit.toString(32)).join('')
}

describe('base32', () => {
  it('is what the digits of 5 bits say, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 17, maxLength: 32 }), bytes => {
        expect(base32(bytes)).to.equal(byDefinition(bytes))
      }),
    )
  })

  it('never changes for the bytes of a key, from which the id of an order is derived', () => {
    const derived = (value: unknown) => base32(createHash('sha256').update(JSON.stringify(value)).digest())
    expect(derived(['local', 'one-wish'])).to.equal('re99ka5drfln90apq354v0m0ic')
    expect(derived(['shop', '8e03978e-40d5-43e8-bc93-6894a57f9324'])).to.equal('30rnt4rjt2ktmthjlbqiombvit')
    expect(base32(new Uint8Array(17).fill(255))).to.equal('v'.repeat(26))
    expect(base32(new Uint8Array(17))).to.equal('0'.repeat(26))
  })
})

describe('the randomness of the system', () => {
  it('gives names that look like names, and none of them twice', () => {
    // More than several refills of the pool.
    const names = Array.from({ length: 2_000 }, () => systemRandom.id())
    for (const name of names) expect(name).to.match(/^[0-9a-v]{26}$/)
    expect(new Set(names)).to.have.property('size', names.length)
  })

  it('uses every character at every place', () => {
    const names = Array.from({ length: 2_000 }, () => systemRandom.id())
    for (let at = 0; at < 26; at++)
      expect(new Set(names.map(name => name[at])), `place ${at}`).to.have.property('size', 32)
  })

  it('gives whole numbers below a bound', () => {
    const drawn = Array.from({ length: 500 }, () => systemRandom.int(3))
    expect([...new Set(drawn)].sort()).to.deep.equal([0, 1, 2])
  })
})
