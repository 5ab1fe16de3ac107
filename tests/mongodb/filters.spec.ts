import { expect } from 'chai'
import { Double, type IndexSpecification, Long, ObjectId } from 'mongodb'
import { type Any, contract, expectRefusal } from './targets.ts'

const oid = new ObjectId('65f000000000000000000001')
const documents: Any[] = [
  {
    _id: 'int',
    n: 5,
    tags: ['a', 'b'],
    at: {
      city: 'Oslo',
      lines: [
        { sku: 'S-1', quantity: 1 },
        { sku: 'S-2', quantity: 5 },
      ],
    },
  },
  { _id: 'long', n: Long.fromNumber(5), tags: [], at: { city: 'Rome', lines: [] } },
  { _id: 'double', n: new Double(5.5), tags: 'a', at: { city: null } },
  { _id: 'whole', n: new Double(5), at: {} },
  { _id: 'null', n: null, when: new Date(1_000) },
  { _id: 'missing', when: new Date(2_000), flag: true },
  { _id: 'text', n: '5', flag: false, ref: oid },
  { _id: 'list', n: [1, 9], pair: { a: 1, b: 2 } },
  { _id: 'nested', n: [[5]], pair: { b: 2, a: 1 }, at: [{ city: 'Bern' }, 7, { town: 'x' }] },
  { _id: 'key:with-signs', inbox: { 'order-1:payment:1': { outcome: 'applied' } } },
]

/** A filter and the ids that it finds. */
const cases: [title: string, filter: Any, ids: string[]][] = [
  ['equality finds numbers of every type', { n: 5 }, ['int', 'long', 'whole']],
  ['equality of a double', { n: new Double(5.5) }, ['double']],
  ['equality of text does not find numbers', { n: '5' }, ['text']],
  ['null finds null and missing', { n: null }, ['null', 'missing', 'key:with-signs']],
  ['equality finds an element of an array', { tags: 'a' }, ['int', 'double']],
  ['equality finds a whole array', { tags: ['a', 'b'] }, ['int']],
  ['equality finds a nested array as an element', { n: [5] }, ['nested']],
  ['equality of a document minds the order of its fields', { pair: { a: 1, b: 2 } }, ['list']],
  ['equality of an object id', { ref: oid }, ['text']],
  ['equality of a date', { when: new Date(2_000) }, ['missing']],
  ['equality of a truth value', { flag: false }, ['text']],
  ['a dotted path', { 'at.city': 'Oslo' }, ['int']],
  ['a dotted path through an array of documents', { 'at.lines.sku': 'S-2' }, ['int']],
  ['a dotted path through an array with other elements', { 'at.city': 'Bern' }, ['nested']],
  ['an index in a dotted path', { 'at.lines.0.sku': 'S-1' }, ['int']],
  ['an index at the end of a path', { 'tags.1': 'b' }, ['int']],
  [
    'null at a dotted path finds missing ones, also below a scalar',
    { 'at.city': null, n: { $exists: true } },
    ['double', 'whole', 'null', 'text', 'list', 'nested'],
  ],
  ['null below an empty array finds nothing', { 'at.lines.sku': null, _id: 'long' }, []],
  [
    'field names with colons and hyphens',
    { 'inbox.order-1:payment:1.outcome': 'applied' },
    ['key:with-signs'],
  ],
  ['$eq', { n: { $eq: 5 } }, ['int', 'long', 'whole']],
  [
    '$ne also finds missing',
    { n: { $ne: 5 } },
    ['double', 'null', 'missing', 'text', 'list', 'nested', 'key:with-signs'],
  ],
  ['$ne null', { n: { $ne: null }, _id: { $in: ['null', 'missing', 'text'] } }, ['text']],
  ['$gt stays within the type', { n: { $gt: 5 } }, ['double', 'list']],
  ['$gte', { n: { $gte: 5 } }, ['int', 'long', 'double', 'whole', 'list']],
  ['$lt', { n: { $lt: 5 } }, ['list']],
  ['$lte', { n: { $lte: 5 } }, ['int', 'long', 'whole', 'list']],
  ['$lte of null finds null and missing', { n: { $lte: null } }, ['null', 'missing', 'key:with-signs']],
  ['$gt of null finds nothing', { n: { $gt: null } }, []],
  [
    'two bounds may be met by different elements of an array',
    { n: { $gt: 1, $lt: 9 } },
    ['int', 'long', 'double', 'whole', 'list'],
  ],
  ['$lte of a date', { when: { $lte: new Date(1_500) } }, ['null']],
  ['$gt of text', { _id: { $gt: 'n', $lt: 'o' } }, ['null', 'nested']],
  ['$in', { n: { $in: [5.5, '5'] } }, ['double', 'text']],
  ['$in with null', { n: { $in: [null, '5'] } }, ['null', 'missing', 'text', 'key:with-signs']],
  ['$in finds elements', { tags: { $in: ['b', 'z'] } }, ['int']],
  ['$in of nothing', { n: { $in: [] } }, []],
  ['$nin', { n: { $nin: [5, 5.5, null] } }, ['text', 'list', 'nested']],
  ['$exists', { flag: { $exists: true } }, ['missing', 'text']],
  ['$exists finds null', { n: { $exists: true }, when: { $exists: true } }, ['null']],
  ['$exists: false', { n: { $exists: false } }, ['missing', 'key:with-signs']],
  ['$exists of an index', { 'tags.0': { $exists: true } }, ['int']],
  ['$exists: 0 is false', { n: { $exists: 0 } }, ['missing', 'key:with-signs']],
  ['$not', { n: { $not: { $gte: 5 } } }, ['null', 'missing', 'text', 'nested', 'key:with-signs']],
  ['$and', { $and: [{ n: 5 }, { tags: 'a' }] }, ['int']],
  ['$or', { $or: [{ n: '5' }, { flag: true }] }, ['missing', 'text']],
  ['$or beside a field', { n: 5, $or: [{ tags: 'b' }, { tags: [] }] }, ['int', 'long']],
  ['several operators on a field', { n: { $gte: 5, $ne: 5 } }, ['double', 'list']],
  ['$and in $or', { $or: [{ $and: [{ n: 5 }, { tags: 'b' }] }, { flag: false }] }, ['int', 'text']],
  ['everything', {}, documents.map(({ _id }) => String(_id))],
]

const refused: [title: string, filter: Any, text: string][] = [
  ['an unknown operator', { n: { $foo: 1 } }, 'unknown operator: $foo'],
  ['an unknown operator after a known one', { n: { $gt: 1, foo: 1 } }, 'unknown operator: foo'],
  ['an unknown operator at the top', { $foo: 1 }, 'unknown top level operator: $foo'],
  [
    'an unknown operator beside a filter that finds nothing',
    { n: 'none', m: { $foo: 1 } },
    'unknown operator: $foo',
  ],
  ['$in without an array', { n: { $in: 5 } }, '$in needs an array'],
  ['$nin without an array', { n: { $nin: 5 } }, '$nin needs an array'],
  ['operators in $in', { n: { $in: [{ $gt: 1 }] } }, 'cannot nest $ under $in'],
  ['$and without an array', { $and: 5 }, 'must be an array'],
  ['an empty $or', { $or: [] }, 'must be a nonempty array'],
  ['a scalar in $or', { $or: [5] }, 'need to be full objects'],
  ['$not of a scalar', { n: { $not: 5 } }, '$not needs a regex or a document'],
  ['$not without operators', { n: { $not: {} } }, '$not cannot be'],
]

contract(({ fresh }) => {
  describe('a filter', () => {
    const found = async (filter: Any): Promise<string[]> => {
      const collection = fresh()
      await collection.insertMany(documents)
      return (await collection.find(filter).toArray()).map(({ _id }) => String(_id)).sort()
    }
    for (const [title, filter, ids] of cases)
      it(`${title}: ${JSON.stringify(filter)}`, async () => {
        expect(await found(filter)).to.deep.equal([...ids].sort())
      })
    for (const [title, filter, text] of refused)
      it(`refuses ${title}`, () => expectRefusal(found(filter), 2, text))

    for (const index of [{ n: 1 }, { n: -1, flag: 1 }, { tags: 1 }, { 'at.city': 1 }, { _id: 1, n: 1 }])
      it(`finds the same through the index ${JSON.stringify(index)}`, async () => {
        const collection = fresh()
        await collection.createIndex(index as IndexSpecification)
        await collection.insertMany(documents)
        for (const [, filter, ids] of cases) {
          const found = await collection.find(filter).toArray()
          expect(found.map(({ _id }) => _id).sort(), JSON.stringify(filter)).to.deep.equal([...ids].sort())
        }
      })
  })
})
