import { EJSON } from 'bson'
import { expect } from 'chai'
import { Binary, Double, Int32, Long, ObjectId } from 'mongodb'
import { type Any, contract } from './targets.ts'

const max = Long.fromString('9223372036854775807')

/** A document, an update, and the document after it. */
const cases: [title: string, before: Any, update: Any, after: Any][] = [
  ['$set adds and replaces', { a: 1 }, { $set: { a: 'x', b: { c: [] } } }, { a: 'x', b: { c: [] } }],
  ['$set makes the documents on a path', {}, { $set: { 'a.b.c': 1 } }, { a: { b: { c: 1 } } }],
  [
    '$set writes into an element',
    { a: [1, { b: 2 }] },
    { $set: { 'a.1.b': 3, 'a.0': 9 } },
    { a: [9, { b: 3 }] },
  ],
  ['$set beyond an array fills with null', { a: [1] }, { $set: { 'a.3': 4 } }, { a: [1, null, null, 4] }],
  [
    '$set with a number in a path that has no array makes a document',
    {},
    { $set: { 'a.0': 1 } },
    { a: { 0: 1 } },
  ],
  [
    '$set adds fields in the order of their names',
    {},
    { $set: { b: 1, a: 2 }, $inc: { c: 1 } },
    { a: 2, b: 1, c: 1 },
  ],
  [
    '$set keeps names with colons and hyphens',
    {},
    { $set: { 'inbox.o-1:pay:1': { x: 1 } } },
    { inbox: { 'o-1:pay:1': { x: 1 } } },
  ],
  ['$set of nothing', { a: 1 }, { $set: {} }, { a: 1 }],
  ['$unset removes', { a: 1, b: { c: 1, d: 2 } }, { $unset: { a: '', 'b.c': 1, z: 1 } }, { b: { d: 2 } }],
  ['$unset of an element leaves null', { a: [1, 2] }, { $unset: { 'a.0': 1, 'a.7': 1 } }, { a: [null, 2] }],
  ['$unset below a scalar does nothing', { a: 1 }, { $unset: { 'a.b': 1 } }, { a: 1 }],
  ['$inc of int32', { n: 1 }, { $inc: { n: 2 } }, { n: 3 }],
  ['$inc of a missing field sets it', {}, { $inc: { 'a.n': -4 } }, { a: { n: -4 } }],
  ['$inc of int64 stays int64', { n: Long.fromNumber(1) }, { $inc: { n: 2 } }, { n: Long.fromNumber(3) }],
  [
    '$inc of int32 by int64 gives int64',
    { n: 1 },
    { $inc: { n: Long.fromNumber(2) } },
    { n: Long.fromNumber(3) },
  ],
  [
    '$inc of int32 that overflows gives int64',
    { n: 2147483647 },
    { $inc: { n: 1 } },
    { n: Long.fromNumber(2147483648) },
  ],
  ['$inc by a double gives a double', { n: 1 }, { $inc: { n: new Double(2) } }, { n: new Double(3) }],
  [
    '$inc of a double by an int stays a double',
    { n: new Double(1.5) },
    { $inc: { n: 1 } },
    { n: new Double(2.5) },
  ],
  [
    '$inc of a large int64 loses nothing',
    { n: Long.fromString('9007199254740993') },
    { $inc: { n: 1 } },
    { n: Long.fromString('9007199254740994') },
  ],
  [
    '$min takes the lower',
    { a: 5, b: 5, c: 'x' },
    { $min: { a: 3, b: 7, c: 1, d: 4 } },
    { a: 3, b: 5, c: 1, d: 4 },
  ],
  [
    '$max takes the higher',
    { a: 5, b: 5, c: 'x' },
    { $max: { a: 3, b: 7, c: 1, d: 4 } },
    { a: 5, b: 7, c: 'x', d: 4 },
  ],
  ['$max compares dates', { at: new Date(5) }, { $max: { at: new Date(9) } }, { at: new Date(9) }],
  ['$push adds one', { a: [1] }, { $push: { a: [2] } }, { a: [1, [2]] }],
  ['$push makes an array', {}, { $push: { 'a.b': 1 } }, { a: { b: [1] } }],
  [
    '$push with $each adds all',
    { a: [1] },
    { $push: { a: { $each: [2, { x: 3 }] } } },
    { a: [1, 2, { x: 3 }] },
  ],
  ['$push with an empty $each makes an empty array', {}, { $push: { a: { $each: [] } } }, { a: [] }],
  [
    '$pull removes equal elements',
    { a: [1, 2, 1, new Double(1), '1'] },
    { $pull: { a: 1 } },
    { a: [2, '1'] },
  ],
  ['$pull with $in', { a: ['x', 'y', 'z'] }, { $pull: { a: { $in: ['x', 'z'] } } }, { a: ['y'] }],
  ['$pull with a range', { a: [1, 5, 9] }, { $pull: { a: { $gte: 5 } } }, { a: [1] }],
  [
    '$pull of documents by their fields',
    { a: [{ id: 1, x: 1 }, { id: 2 }, 7] },
    { $pull: { a: { id: 1 } } },
    { a: [{ id: 2 }, 7] },
  ],
  ['$pull of an array removes it when it is equal', { a: [[1], [2]] }, { $pull: { a: [1] } }, { a: [[2]] }],
  ['$pull of a missing field does nothing', {}, { $pull: { a: 1 } }, {}],
  ['$addToSet adds what is not there', { a: [1] }, { $addToSet: { a: 2, b: 1 } }, { a: [1, 2], b: [1] }],
  ['$addToSet knows equal numbers', { a: [1] }, { $addToSet: { a: new Double(1) } }, { a: [1] }],
  [
    '$addToSet minds the order of fields',
    { a: [{ x: 1, y: 2 }] },
    { $addToSet: { a: { y: 2, x: 1 } } },
    {
      a: [
        { x: 1, y: 2 },
        { y: 2, x: 1 },
      ],
    },
  ],
  ['$addToSet with $each', { a: [1] }, { $addToSet: { a: { $each: [1, 2, 2] } } }, { a: [1, 2] }],
  [
    '$setOnInsert does nothing to a document that is there',
    { a: 1 },
    { $setOnInsert: { a: 2, b: 3 } },
    { a: 1 },
  ],
  [
    'several operators at once',
    { n: 1, a: [] },
    { $set: { s: 'x' }, $inc: { n: 1 }, $push: { a: 1 }, $unset: { z: 1 } },
    { n: 2, a: [1], s: 'x' },
  ],
  ['$set of the same _id', { a: 1 }, { $set: { _id: 'x' } }, { a: 1 }],
  ['a document in place of the other', { a: 1, b: 2 }, { c: { d: 1 } }, { c: { d: 1 } }],
  ['a document with the same _id', { a: 1 }, { c: 1, _id: 'x' }, { c: 1 }],
  ['an empty document', { a: 1 }, {}, {}],
]

const refused: [title: string, before: Any, update: Any, code: number, text: string][] = [
  ['an unknown operator', {}, { $foo: { a: 1 } }, 9, 'Unknown modifier: $foo'],
  ['an operator beside a field', {}, { $set: { a: 1 }, b: 1 }, 9, 'Unknown modifier: b'],
  [
    'a field beside an operator',
    {},
    { b: 1, $set: { a: 1 } },
    52,
    "The dollar ($) prefixed field '$set' in '$set' is not",
  ],
  ['an operator without fields', {}, { $set: 5 }, 9, 'Modifiers operate on fields but we found type int'],
  [
    'a path twice',
    {},
    { $set: { a: 1 }, $inc: { a: 1 } },
    40,
    "Updating the path 'a' would create a conflict at 'a'",
  ],
  ['a path and one below it', {}, { $set: { 'a.b': 1, a: 2 } }, 40, "would create a conflict at 'a'"],
  [
    'a path and one far below it',
    {},
    { $set: { a: 1, 'a-b': 1 }, $push: { 'a.b.c': 1 } },
    40,
    "would create a conflict at 'a'",
  ],
  ['an empty path', {}, { $set: { '': 1 } }, 56, 'An empty update path is not valid'],
  ['an empty part of a path', {}, { $set: { 'a..b': 1 } }, 56, 'contains an empty field name'],
  ['a name with a dollar', {}, { $set: { $a: 1 } }, 52, "The dollar ($) prefixed field '$a' in '$a' is not"],
  ['another _id', { a: 1 }, { $set: { _id: 'y' } }, 66, "would modify the immutable field '_id'"],
  ['taking the _id away', { a: 1 }, { $unset: { _id: 1 } }, 66, "would modify the immutable field '_id'"],
  [
    'another _id in a replacement',
    { a: 1 },
    { _id: 'y', b: 1 },
    66,
    "the (immutable) field '_id' was found to have been altered to _id",
  ],
  [
    '$inc of text',
    { a: 'x' },
    { $inc: { a: 1 } },
    14,
    'Cannot apply $inc to a value of non-numeric type. {_id: "x"} has the field \'a\' of non-numeric type string',
  ],
  ['$inc of null', { a: null }, { $inc: { a: 1 } }, 14, 'of non-numeric type null'],
  [
    '$inc by text',
    { a: 1 },
    { $inc: { a: '1' } },
    14,
    'Cannot increment with non-numeric argument: {a: "1"}',
  ],
  [
    '$inc beyond int64',
    { a: max },
    { $inc: { a: 1 } },
    2,
    'Failed to apply $inc operations to current value ((NumberLong)9223372036854775807)',
  ],
  [
    '$push to a scalar',
    { a: 5 },
    { $push: { a: 1 } },
    2,
    'The field \'a\' must be an array but is of type int in document {_id: "x"}',
  ],
  [
    '$push with $each of a scalar',
    {},
    { $push: { a: { $each: 5 } } },
    2,
    'The argument to $each in $push must be an array but it was of type: int',
  ],
  [
    '$push with an unknown clause',
    {},
    { $push: { a: { $each: [1], $foo: 1 } } },
    2,
    'Unrecognized clause in $push: $foo',
  ],
  [
    '$addToSet to a scalar',
    { a: 5 },
    { $addToSet: { a: 1 } },
    2,
    "Cannot apply $addToSet to non-array field. Field named 'a' has non-array type int",
  ],
  [
    '$addToSet with $each of a scalar',
    {},
    { $addToSet: { a: { $each: 5 } } },
    14,
    'The argument to $each in $addToSet must be an array',
  ],
  ['$pull from a scalar', { a: 5 }, { $pull: { a: 1 } }, 2, 'Cannot apply $pull to a non-array value'],
  [
    '$pull with an unknown operator',
    { a: [] },
    { $pull: { a: { $gt: 1, $foo: 1 } } },
    2,
    'unknown operator: $foo',
  ],
  ['$set below a scalar', { a: 5 }, { $set: { 'a.b': 1 } }, 28, "Cannot create field 'b' in element {a: 5}"],
  [
    '$set below null',
    { a: null },
    { $set: { 'a.b': 1 } },
    28,
    "Cannot create field 'b' in element {a: null}",
  ],
  [
    '$set of a name in an array',
    { a: [1] },
    { $set: { 'a.b': 1 } },
    28,
    "Cannot create field 'b' in element",
  ],
  ['$set far beyond an array', { a: [] }, { $set: { 'a.1500001': 1 } }, 34, "can't backfill"],
]

contract(({ fresh }) => {
  describe('an update', () => {
    // Through the command itself, so that the driver's own checks do not stand before the server's.
    const update = async (before: Any, u: Any) => {
      const collection = fresh()
      await collection.insertOne({ _id: 'x', ...before })
      const read = async () =>
        EJSON.serialize((await collection.findOne({}, { promoteValues: false })) ?? {}, { relaxed: false })
      const command = { update: collection.collectionName, updates: [{ q: { _id: 'x' }, u }] }
      const answer = await collection.db.command(command)
      return { answer, read }
    }
    const canonical = (document: Any) => JSON.stringify(EJSON.serialize(document, { relaxed: false }))

    for (const [title, before, u, after] of cases)
      it(title, async () => {
        const { answer, read } = await update(before, u)
        expect(answer).to.include({ n: 1, ok: 1 }).and.not.have.property('writeErrors')
        const stored = JSON.stringify(await read())
        expect(stored).to.equal(canonical({ _id: 'x', ...after }))
        expect(answer.nModified).to.equal(canonical({ _id: 'x', ...before }) === stored ? 0 : 1)
      })

    for (const [title, before, u, code, text] of refused)
      it(`refuses ${title} and changes nothing`, async () => {
        const { answer, read } = await update(before, u)
        expect(answer.writeErrors?.[0]).to.include({ index: 0, code })
        expect(answer.writeErrors[0].errmsg).to.include(text)
        expect(JSON.stringify(await read())).to.equal(canonical({ _id: 'x', ...before }))
      })

    it('that fails at its last operator changes nothing at all', async () => {
      const before = { a: 1, list: [1], text: 'x' }
      const u = { $set: { a: 2 }, $push: { list: 2 }, $inc: { text: 1 } }
      const { answer, read } = await update(before, u)
      expect(answer.writeErrors?.[0]).to.include({ code: 14 })
      expect(JSON.stringify(await read())).to.equal(canonical({ _id: 'x', ...before }))
    })
  })

  describe('a stored value', () => {
    const values: Record<string, unknown> = {
      int32: new Int32(7),
      'int64 that would fit': Long.fromNumber(7),
      'int64 at its limit': max,
      'double that is whole': new Double(7),
      'negative zero': new Double(-0),
      'not a number': new Double(Number.NaN),
      infinity: new Double(Number.POSITIVE_INFINITY),
      text: 'Grüße, 世界 \u{1f600}',
      'text with a zero': 'a\0b',
      date: new Date('2024-02-29T12:34:56.789Z'),
      'date before the epoch': new Date(-1),
      'object id': new ObjectId('65f000000000000000000001'),
      binary: new Binary(Buffer.from([0, 1, 255]), 0),
      uuid: new Binary(Buffer.alloc(16, 7), 4),
      'empty binary': new Binary(Buffer.alloc(0), 128),
      'empty document': {},
      'empty array': [],
      'nested arrays': [[1, [Long.fromNumber(2)]], [], [{ a: [null] }]],
      'names of every kind': { '': 1, 'a:b-c': 2, $dollar: 3, 'dot.ted': 4, __proto__x: 5, ключ: 6 },
      null: null,
      truth: true,
      'a large text': 'x'.repeat(300_000),
    }
    for (const [title, value] of Object.entries(values))
      it(`comes back unchanged: ${title}`, async () => {
        const collection = fresh()
        await collection.insertOne({ _id: 'x', value, beside: { value } })
        await collection.updateOne({ _id: 'x' }, { $set: { copy: value } })
        const back: Any =
          (await collection.findOne({ _id: 'x' }, { promoteValues: false, promoteLongs: false })) ?? {}
        const text = (v: unknown) => JSON.stringify(EJSON.serialize({ v }, { relaxed: false }))
        for (const read of [back?.value, back?.beside?.value, back?.copy])
          expect(text(read)).to.equal(text(value))
      })

    it('keeps the order of its fields through updates, also of names that are numbers', async () => {
      const collection = fresh()
      await collection.insertOne({
        _id: 'x',
        log: new Map([
          ['b', 1],
          ['10', 2],
          ['2', 3],
        ]),
      })
      await collection.updateOne({ _id: 'x' }, { $set: { 'log.a': 4, 'log.10': 9 } })
      const raw = await collection.findOne({ _id: 'x' }, { raw: true })
      const names = Buffer.from(raw as unknown as Uint8Array).toString('latin1')
      const places = ['b', '10', '2', 'a'].map(name => names.indexOf(`\x10${name}\0`))
      expect(places)
        .to.deep.equal([...places].sort((a, b) => a - b))
        .and.not.include(-1)
    })
  })
})
