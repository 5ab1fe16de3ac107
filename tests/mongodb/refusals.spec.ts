import { expect } from 'chai'
import { Decimal128, type IndexSpecification, Timestamp } from 'mongodb'
import { type Any, type Coll, contract, expectRefusal, refusalOf, type Target } from './targets.ts'

/** What a real MongoDB knows and this server does not: how it says no, with which code and words. */
type Refused = [title: string, run: (collection: Coll) => Promise<unknown>, code: number, text: string]

const filters: [string, Any][] = [
  ['$regex', { a: { $regex: 'x' } }],
  ['$elemMatch', { a: { $elemMatch: { b: 1 } } }],
  ['$all', { a: { $all: [1] } }],
  ['$size', { a: { $size: 1 } }],
  ['$type', { a: { $type: 'int' } }],
  ['$mod', { a: { $mod: [2, 0] } }],
  ['$elemMatch in $not', { a: { $not: { $elemMatch: { b: 1 } } } }],
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
  ['find.hint', c => c.find({}, { hint: { a: 1 } }).toArray()],
  ['find.let', c => c.find({}, { let: { a: 1 } }).toArray()],
  ['find.tailable', c => c.find({}, { tailable: true }).toArray()],
  ['find.noCursorTimeout', c => c.find({}, { noCursorTimeout: true }).toArray()],
  ['count.hint', c => c.db.command({ count: 'c', hint: 'x' })],
  ['update.updates.collation', c => c.updateOne({}, set, { collation: { locale: 'en' } })],
  ['update.updates.arrayFilters', c => c.updateOne({}, set, { arrayFilters: [{ x: 1 }] })],
  ['update.updates.hint', c => c.updateOne({}, set, { hint: 'x' })],
  ['update.let', c => c.updateOne({}, set, { let: { a: 1 } })],
  ['delete.deletes.hint', c => c.deleteOne({}, { hint: 'x' })],
  ['insert.bypassDocumentValidation', c => c.insertOne({}, { bypassDocumentValidation: true })],
  ['findAndModify.arrayFilters', c => c.findOneAndUpdate({}, set, { arrayFilters: [] })],
  ['aggregate.allowDiskUse', c => c.aggregate([], { allowDiskUse: true }).toArray()],
]
const unknownOptions = options.map(
  ([option, run]): Refused => [
    `the option ${option}`,
    run,
    40415,
    `BSON field '${option}' is an unknown field`,
  ],
)

const updates = ['$rename', '$mul', '$pop', '$pullAll', '$bit', '$currentDate'].map(
  (name): Refused => [
    `the update operator ${name}`,
    c => c.updateOne({}, { [name]: { a: 1 } }),
    9,
    `Unknown modifier: ${name}`,
  ],
)
const clauses = ['$slice', '$sort', '$position'].map(
  (clause): Refused => [
    `the clause ${clause} of $push`,
    c => c.updateOne({}, { $push: { a: { $each: [1], [clause]: 1 } } } as object),
    2,
    clause,
  ],
)
const paths = ['a.$', 'a.$[]', 'a.$[x].b'].map(
  (path): Refused => [`the path ${path}`, c => c.updateOne({}, { $set: { [path]: 1 } }), 2, 'positional'],
)
const indexes = [{ expireAfterSeconds: 5 }, { collation: { locale: 'en' } }, { hidden: true }].map(
  (option): Refused => [
    `the index option ${Object.keys(option)[0]}`,
    c => c.createIndex({ a: 1 }, option),
    197,
    'is not valid for an index specification',
  ],
)
const kinds = ['text', 'hashed', '2dsphere'].map(
  (kind): Refused => [
    `an index of the kind ${kind}`,
    c => c.createIndex({ a: kind } as IndexSpecification),
    67,
    '1 or -1',
  ],
)
const projections = [{ a: { $slice: 1 } }, { a: '$b' }, { a: { b: 1 } }, { a: { $meta: 'x' } }].map(
  (projection): Refused => [
    `the projection ${JSON.stringify(projection)}`,
    c => c.find({}, { projection }).toArray(),
    2,
    'Unsupported projection option',
  ],
)

const one = { _id: 1, n: { $sum: 1 } }
const pipelines: Any[][] = [
  [{ $match: {} }],
  [{ $group: { ...one, _id: '$a' } }],
  [{ $group: { _id: 1, n: { $sum: '$a' } } }],
  [{ $group: { ...one, m: { $sum: 1 } } }],
  [{ $group: one }, { $match: {} }],
]
const aggregations = pipelines.map(
  (pipeline): Refused => [
    `the pipeline ${JSON.stringify(pipeline)}`,
    c => c.aggregate(pipeline).toArray(),
    238,
    'count',
  ],
)
const values = [Decimal128.fromString('1'), new Timestamp(1n), /x/].map(
  (value): Refused => [`a value like ${value}`, c => c.insertOne({ value }), 238, 'BSON type'],
)

const others: Refused[] = [
  ['a regular expression in a filter', c => c.find({ a: /x/ }).toArray(), 238, 'BSON type'],
  ['an update by a pipeline', c => c.updateOne({}, [set]), 9, 'pipelines are not supported'],
  ['the stage $lookup', c => c.aggregate([{ $lookup: {} }]).toArray(), 40324, "'$lookup'"],
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
    20,
    'Transaction numbers are only allowed on a replica set',
  ],
]

const all = [
  operators,
  unknownOptions,
  updates,
  clauses,
  paths,
  indexes,
  kinds,
  projections,
  aggregations,
  values,
  others,
].flat()

const refusals = ({ db, fresh }: Target): void => {
  describe('what the embedded server does not know', () => {
    for (const [title, run, code, text] of all)
      it(`${title} is refused, also when nothing is stored`, () => expectRefusal(run(fresh()), code, text))

    for (const command of [
      'create',
      'distinct',
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
      expect(await collection.countDocuments()).to.equal(0)
    })
  })
}

contract(target => {
  if (target.embedded) refusals(target)
})
