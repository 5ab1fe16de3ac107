import { expect } from 'chai'
import { Double, type IndexSpecification, Long, ObjectId } from 'mongodb'
import { type Any, contract, expectRefusal } from './targets.ts'

const oid = new ObjectId('65f000000000000000000001')
const documents: Any[] = [
  { _id: 'int', n: 5, tags: ['a', 'b'] },
  { _id: 'long', n: Long.fromNumber(5), tags: [] },
  { _id: 'double', n: new Double(5.5), tags: 'a' },
  { _id: 'whole', n: new Double(5) },
  { _id: 'null', n: null, when: new Date(1_000) },
  { _id: 'missing', when: new Date(2_000), flag: true },
  { _id: 'text', n: '5', flag: false, ref: oid },
  { _id: 'list', n: [1, 9], tags: ['z\u{1f600}', '\uffff'] },
  { _id: 'NaN', n: new Double(Number.NaN) },
  { _id: 'key:with-signs', 'field:with-signs': 1, n: true },
]

/** A filter and the ids that it finds. */
const cases: [title: string, filter: Any, ids: string[]][] = [
  ['nothing finds all', {}, documents.map(({ _id }) => String(_id))],
  ['equality finds numbers of every type', { n: 5 }, ['int', 'long', 'whole']],
  ['equality of a double', { n: new Double(5.5) }, ['double']],
  ['equality of text does not find numbers', { n: '5' }, ['text']],
  ['NaN equals itself', { n: new Double(Number.NaN) }, ['NaN']],
  ['null finds null and missing', { n: null }, ['null', 'missing']],
  ['equality finds an element of an array', { tags: 'a' }, ['int', 'double']],
  ['equality of an object id', { ref: oid }, ['text']],
  ['equality of a date', { when: new Date(2_000) }, ['missing']],
  ['equality of a truth value', { flag: false }, ['text']],
  ['field names with colons and hyphens', { 'field:with-signs': 1 }, ['key:with-signs']],
  ['$gt stays within the type', { n: { $gt: 5 } }, ['double', 'list']],
  ['$gte', { n: { $gte: 5 } }, ['int', 'long', 'double', 'whole', 'list']],
  ['$lt', { n: { $lt: 5 } }, ['list']],
  ['$lte', { n: { $lte: 5 } }, ['int', 'long', 'whole', 'list']],
  ['$lte of null finds null and missing', { n: { $lte: null } }, ['null', 'missing']],
  ['$gt of null finds nothing', { n: { $gt: null } }, []],
  ['$gte of NaN finds NaN', { n: { $gte: new Double(Number.NaN) } }, ['NaN']],
  [
    'two bounds may be met by different elements of an array',
    { n: { $gt: 1, $lt: 9 } },
    ['int', 'long', 'double', 'whole', 'list'],
  ],
  ['$lte of a date', { when: { $lte: new Date(1_500) } }, ['null']],
  ['$gt of text', { _id: { $gt: 'm', $lt: 'o' } }, ['missing', 'null']],
  ['$gt of empty text finds arrays with any', { tags: { $gt: '' } }, ['int', 'double', 'list']],
  ['$gt compares text as UTF-8', { tags: { $gt: 'z\uffff' } }, ['list']],
  ['$in', { n: { $in: [5.5, '5', 5.5] } }, ['double', 'text']],
  ['$in with null', { n: { $in: [null, '5'] } }, ['null', 'missing', 'text']],
  ['$in finds elements of arrays', { tags: { $in: ['b', '\uffff'] } }, ['int', 'list']],
  ['$in with nothing finds nothing', { n: { $in: [] } }, []],
  ['several conditions have to hold', { n: { $in: [5] }, tags: 'b', _id: 'int' }, ['int']],
  ['a list of ids beside a condition', { _id: { $in: ['int', 'long', 'none'] }, tags: 'a' }, ['int']],
]

const refused: [title: string, filter: Any, text: string][] = [
  ['an unknown operator', { n: { $foo: 1 } }, 'unknown operator: $foo'],
  ['an unknown operator after a known one', { n: { $gt: 1, foo: 1 } }, 'unknown operator: foo'],
  ['an unknown operator at the top', { $foo: 1 }, 'unknown top level operator: $foo'],
  ['an unknown operator beside a filter that finds nothing', { n: 'none', m: { $foo: 1 } }, 'operator: $foo'],
  ['$in without an array', { n: { $in: 5 } }, '$in needs an array'],
]

contract(({ fresh }) => {
  describe('a filter', () => {
    const found = async (filter: Any, index?: Any): Promise<string[]> => {
      const collection = fresh()
      if (index !== undefined) await collection.createIndex(index as IndexSpecification)
      await collection.insertMany(documents)
      return (await collection.find(filter).toArray()).map(({ _id }) => String(_id)).sort()
    }
    for (const [title, filter, ids] of cases)
      it(`${title}: ${JSON.stringify(filter)}`, async () => {
        expect(await found(filter)).to.deep.equal([...ids].sort())
      })
    for (const [title, filter, text] of refused)
      it(`refuses ${title}`, () => expectRefusal(found(filter), 2, text))

    for (const index of [{ n: 1 }, { n: 1, flag: 1 }, { tags: 1 }, { _id: 1, n: 1 }])
      it(`finds the same through the index ${JSON.stringify(index)}`, async () => {
        for (const [, filter, ids] of cases)
          expect(await found(filter, index), JSON.stringify(filter)).to.deep.equal([...ids].sort())
      })
  })
})
