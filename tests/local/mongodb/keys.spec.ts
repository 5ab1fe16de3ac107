import { Double, Long, serialize } from 'bson'
import { expect } from 'chai'
import fc from 'fast-check'
import { docOf } from '../../../local/mongodb/bson/document.ts'
import { columnOf, keyOf } from '../../../local/mongodb/bson/order.ts'
import { makeSlots, type Slot, type Slots } from '../../../local/mongodb/query/slots.ts'

const keyFor = (value: unknown) => keyOf(docOf({ value }).get('value'))

// Exact, where the difference of two doubles or a double for an int64 is not.
const compareNumbers = (a: number | bigint, b: number | bigint): number => (a < b ? -1 : Number(a > b))
const compareKeys = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

describe('the key of a value', () => {
  const edge = fc.constantFrom(2n ** 53n, -(2n ** 53n), 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n), 0n)
  const near = fc.tuple(edge, fc.bigInt({ min: -3n, max: 3n })).map(([n, by]) => BigInt.asIntN(64, n + by))
  const long = fc.oneof(near, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))
  const double = fc.oneof(
    fc.double({ noNaN: true }),
    fc.integer({ min: -3, max: 2_000 }),
    near.map(Number),
    fc.constantFrom(0, -0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.MIN_VALUE),
  )
  const bson = (value: number | bigint) =>
    typeof value === 'bigint' ? Long.fromBigInt(value) : new Double(value)

  it('orders numbers of all types by what they are', () => {
    fc.assert(
      fc.property(fc.oneof(long, double), fc.oneof(long, double), (a, b) => {
        expect(compareKeys(keyFor(bson(a)), keyFor(bson(b)))).to.equal(compareNumbers(a, b))
      }),
      { numRuns: 5_000 },
    )
  })

  it('orders texts as their UTF-8, also in front of another field of an index', () => {
    const text = fc.array(fc.constantFrom('\0', '\x01', 'a', 'b', 'é', '\uffff', '\u{1f600}'), {
      maxLength: 4,
    })
    const row = fc.tuple(
      text.map(parts => parts.join('')),
      fc.integer({ min: -2, max: 2 }),
    )
    fc.assert(
      fc.property(row, row, ([a, n], [b, m]) => {
        const order = Buffer.from(a).compare(Buffer.from(b))
        expect(compareKeys(keyFor(a), keyFor(b))).to.equal(order)
        const [left, right] = [
          columnOf(keyFor(a)) + columnOf(keyFor(n)),
          columnOf(keyFor(b)) + columnOf(keyFor(m)),
        ]
        expect(compareKeys(left, right)).to.equal(order || compareNumbers(n, m))
      }),
      { numRuns: 2_000 },
    )
  })
})

type Held = { slot: Slot; length: number; mark: number }
const taken = (slots: Slots, length: number, mark: number): Held => {
  const slot = slots.take(length)
  expect(slot.size).to.be.at.least(length)
  slot.bytes.fill(mark, slot.at, slot.at + length)
  return { slot, length, mark }
}
const isWhole = ({ slot, length, mark }: Held) =>
  slot.bytes.subarray(slot.at, slot.at + length).every(byte => byte === mark)

describe('the memory of documents', () => {
  it('gives each document a place of its own, and the place of one that is gone to another', () => {
    const lengths = fc.oneof(fc.integer({ min: 5, max: 400 }), fc.integer({ min: 5, max: 300_000 }))
    const steps = fc.array(fc.record({ length: lengths, gone: fc.option(fc.nat(20)) }), { maxLength: 60 })
    fc.assert(
      fc.property(steps, given => {
        const slots = makeSlots()
        const held: Held[] = []
        for (const [mark, { length, gone }] of given.entries()) {
          if (gone !== null) for (const { slot } of held.splice(gone, 1)) slots.give(slot)
          held.push(taken(slots, length, mark))
        }
        expect(held.every(isWhole)).to.equal(true)
      }),
      { numRuns: 200 },
    )
  })

  it('takes the same memory again when a document is gone', () => {
    const slots = makeSlots()
    const first = slots.take(serialize({ a: 1 }).length)
    slots.give(first)
    expect(slots.take(first.size)).to.equal(first)
  })
})
