import { expect } from 'chai'
import { Decimal128, type IndexSpecification, Timestamp } from 'mongodb'
import { type Any, type Coll, contract, expectRefusal, refusalOf, type Target } from './targets.ts'

/** What a real MongoDB knows and this server does not: how it says no, with which code and words. */
type Refused = [title: string, run: (collection: Coll) => Promise<unknown>, code: number, text: string]

const filters: [string, Any][] = [
  ['$eq', { a: { $eq: 1 } }],
  ['$ne', { a: { $ne: 1 } }],
  ['$nin', { a: { $nin: [1] } }],
  ['$not', { a: { $not: { $gt: 1 } } }],
  ['$exists', { a: { $exists: true } }],
  ['$and', { $and: [{ a: 1 }] }],
  ['$or', { $or: [{ a: 1 }] }],
  ['$regex', { a: { $regex: 'x' } }],
  ['$elemMatch', { a: { $elemMatch: { b: 1 } } }],
  ['$all', { a: { $all: [1] } }],
  ['$size', { a: { $size: 1 } }],
  ['$type', { a: { $type: 'int' } }],
  ['$mod', { a: { $mod: [2, 0] } }],
  ['$nor', { $nor: [{ a: 1 }] }],
  ['$expr', { $expr: { $eq: ['$a', 1] } }],
  ['$where', { $where: 'true' }],
  ['$text', { $text: { $search: 'x' } }],
  ['$comment', { $comment: 'x' }],
  ['constructor', { a: { $gt: 1, constructor: 1 } }],
  ['__proto__', { a: { $gt: 1, ['__proto__']: 1 } }],
]
const operators = filters.map(
  ([name, filter]): Refused => [`the query operator ${name}`, c => c.find(filter).toArray(), 2, 'operator'],
)

const set = { $set: { a: 1 } }
const options: [string, (collection: Coll) => Promise<unknown>][] = [
  ['find.collation', c => c.find({}, { collation: { locale: 'en' } }).toArray()],
  ['find.projection', c => c.find({}, { projection: { a: 1 } }).toArray()],
  ['find.skip', c => c.find({}, { skip: 1 }).toArray()],
  ['find.maxTimeMS', c => c.find({}, { maxTimeMS: 1_000 }).toArray()],
  ['find.hint', c => c.find({}, { hint: { a: 1 } }).toArray()],
  ['find.let', c => c.find({}, { let: { a: 1 } }).toArray()],
  ['count.skip', c => c.db.command({ count: c.collectionName, skip: 1 })],
  ['count.hint', c => c.db.command({ count: c.collectionName, hint: 'a_1' })],
  ['find.tailable', c => c.find({}, { tailable: true }).toArray()],
  ['find.noCursorTimeout', c => c.find({}, { noCursorTimeout: true }).toArray()],
  ['update.updates.collation', c => c.updateOne({}, set, { collation: { locale: 'en' } })],
  ['update.updates.arrayFilters', c => c.updateOne({}, set, { arrayFilters: [{ x: 1 }] })],
  ['update.updates.hint', c => c.updateOne({}, set, { hint: 'x' })],
  ['update.updates.multi', c => c.updateMany({}, set)],
  ['update.let', c => c.updateOne({}, set, { let: { a: 1 } })],
  ['insert.bypassDocumentValidation', c => c.insertOne({}, { bypassDocumentValidation: true })],
]
const unknownOptions = options.map(
  ([option, run]): Refused => [
    `the option ${option}`,
    run,
    40415,
    `BSON field '${option}' is an unknown field`,
  ],
)

const updates = [
  '$inc',
  '$min',
  '$max',
  '$addToSet',
  '$rename',
  '$mul',
  '$pop',
  '$pullAll',
  '$bit',
  '$currentDate',
].map(
  (name): Refused => [
    `the update operator ${name}`,
    c => c.updateOne({}, { [name]: { a: 1 } }),
    9,
    `Unknown modifier: ${name}`,
  ],
)
const push = [
  { $each: [1], $slice: 1 },
  { $each: [1], $sort: 1 },
  { $position: 0, $each: [1] },
  1,
  { b: 1 },
].map(
  (operand): Refused => [
    `$push of ${JSON.stringify(operand)}`,
    c => c.updateOne({}, { $push: { a: operand } } as object),
    238,
    'pushes with $each and no other clause',
  ],
)
const paths = ['a.$', 'a.$[]', 'a.$[x].b'].map(
  (path): Refused => [
    `the path ${path}`,
    c => c.updateOne({}, { $set: { [path]: 1 } }),
    52,
    'prefixed field',
  ],
)
const belowFields: ((collection: Coll) => Promise<unknown>)[] = [
  c => c.find({ 'a.b': 1 }).toArray(),
  c => c.find({}, { sort: { 'a.b': 1 } }).toArray(),
  c => c.createIndex({ 'a.b': 1 }),
  c => c.createIndex({ a: 1 }, { partialFilterExpression: { 'a.b': 1 } }),
]
const below = belowFields.map((run, i): Refused => [`a dotted path (${i})`, run, 238, 'below a field'])
const operands = [{ a: { b: 1 } }, { a: [1] }, { a: { $in: [[1]] } }, { a: { $gt: Buffer.from('x') } }].map(
  (filter): Refused => [
    `the operand of ${JSON.stringify(filter)}`,
    c => c.find(filter as Any).toArray(),
    238,
    'plain values only',
  ],
)
const sorts = [{ a: 1, b: 1 }].map(
  (sort): Refused => [
    `the sort ${JSON.stringify(sort)}`,
    c => c.find({}, { sort: sort as never }).toArray(),
    238,
    'one field, with 1 or -1',
  ],
)
const indexes = [
  { background: true },
  { expireAfterSeconds: 5 },
  { collation: { locale: 'en' } },
  { hidden: true },
].map(
  (option): Refused => [
    `the index option ${Object.keys(option)[0]}`,
    c => c.createIndex({ a: 1 }, option),
    197,
    'is not valid for an index specification',
  ],
)
const kinds = [-1, 'text', 'hashed', '2dsphere'].map(
  (kind): Refused => [
    `an index of the kind ${kind}`,
    c => c.createIndex({ a: kind } as IndexSpecification),
    67,
    'indexes of 1 only',
  ],
)
const values = [Decimal128.fromString('1'), new Timestamp(1n), /x/].map(
  (value): Refused => [`a value like ${value}`, c => c.insertOne({ value }), 238, 'BSON type'],
)

const others: Refused[] = [
  ['a regular expression in a filter', c => c.find({ a: /x/ }).toArray(), 238, 'BSON type'],
  ['an update by a pipeline', c => c.updateOne({}, [set]), 9, 'takes no pipelines'],
  ['a document in place of another', c => c.replaceOne({ _id: 1 }, { a: 1 }), 9, 'Unknown modifier: a'],
  ['an empty document in place of another', c => c.replaceOne({ _id: 1 }, {}), 9, 'whole documents'],
  ['a number in a path', c => c.updateOne({}, { $set: { 'a.0': 1 } }), 238, 'number'],
  ['an upsert by $in', c => c.updateOne({ a: { $in: [1] } }, set, { upsert: true }), 238, '$in'],
  ['a document as _id', c => c.insertOne({ _id: { a: 1 } }), 238, 'plain values only'],
  [
    'the read concern snapshot',
    c => c.db.command({ find: 'c', readConcern: { level: 'snapshot' } }),
    72,
    'snapshot',
  ],
  [
    'a transaction',
    c =>
      c.db.command({
        insert: 'c',
        documents: [{}],
        txnNumber: 1n,
        startTransaction: true,
        autocommit: false,
      }),
    40415,
    "BSON field 'insert.txnNumber' is an unknown field",
  ],
]

const all = [
  operators,
  unknownOptions,
  updates,
  push,
  paths,
  below,
  operands,
  sorts,
  indexes,
  kinds,
  values,
  others,
].flat()

const refusals = ({ db, fresh }: Target): void => {
  describe('what the embedded server does not know', () => {
    for (const [title, run, code, text] of all)
      it(`${title} is refused, also when nothing is stored`, () => expectRefusal(run(fresh()), code, text))

    for (const command of [
      'aggregate',
      'buildInfo',
      'create',
      'delete',
      'distinct',
      'findAndModify',
      'listCollections',
      'listDatabases',
      'listIndexes',
      'dropIndexes',
      'renameCollection',
      'bulkWrite',
      'explain',
      'saslStart',
      'startSession',
    ])
      it(`the command ${command} is refused as MongoDB refuses unknown ones`, async () => {
        const error = await refusalOf(db().command({ [command]: 'c' }))
        expect(error).to.include({ code: 59, codeName: 'CommandNotFound' })
        expect(error.message).to.equal(`no such command: '${command}'`)
      })

    it('a refused write leaves nothing behind', async () => {
      const collection = fresh()
      await expectRefusal(collection.insertOne({ _id: [1] }), 53)
      await expectRefusal(collection.updateOne({ _id: 1 }, { $rename: { a: 'b' } }, { upsert: true }), 9)
      expect(await collection.find().toArray()).to.deep.equal([])
    })
  })
}

contract(target => {
  if (target.embedded) refusals(target)
})
