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
    '$set adds fields in the order of their names',
    {},
    { $set: { b: 1, a: 2 }, $push: { aa: { $each: [1] } } },
    { a: 2, aa: [1], b: 1 },
  ],
  [
    '$set keeps names with colons and hyphens',
    { inbox: { x: 1 } },
    { $set: { 'inbox.o-1:pay:1': { x: 1 }, 'inbox.o-1:pay:2': {} } },
    { inbox: { x: 1, 'o-1:pay:1': { x: 1 }, 'o-1:pay:2': {} } },
  ],
  ['$set of nothing', { a: 1 }, { $set: {} }, { a: 1 }],
  ['$unset removes', { a: 1, b: { c: 1, d: 2 } }, { $unset: { a: '', 'b.c': 1, z: 1 } }, { b: { d: 2 } }],
  ['$unset below a missing field does nothing', { a: 1 }, { $unset: { 'b.c': 1 } }, { a: 1 }],
  [
    '$push with $each adds all',
    { a: [1] },
    { $push: { a: { $each: [2, { x: 3 }, [4]] } } },
    { a: [1, 2, { x: 3 }, [4]] },
  ],
  ['$push makes an array', {}, { $push: { 'a.b': { $each: [1] } } }, { a: { b: [1] } }],
  ['$push with an empty $each makes an empty array', {}, { $push: { a: { $each: [] } } }, { a: [] }],
  [
    '$pull removes equal elements',
    { a: [1, 2, 1, new Double(1), '1', { x: 1 }] },
    { $pull: { a: 1 } },
    { a: [2, '1', { x: 1 }] },
  ],
  ['$pull with $in', { a: ['x', 'y', 'z'] }, { $pull: { a: { $in: ['x', 'z'] } } }, { a: ['y'] }],
  ['$pull with a range', { a: [1, 5, 9] }, { $pull: { a: { $gte: 5 } } }, { a: [1] }],
  ['$pull of all leaves an empty array', { a: [1] }, { $pull: { a: 1 } }, { a: [] }],
  ['$pull of a missing field does nothing', {}, { $pull: { a: 1, 'b.c': 1 } }, {}],
  ['$setOnInsert does nothing to what is there', { a: 1 }, { $setOnInsert: { a: 2, _id: null } }, { a: 1 }],
  [
    'several operators at once',
    { n: 1, a: [] },
    { $set: { s: 'x', n: 2 }, $push: { a: { $each: [1] } }, $unset: { z: 1 } },
    { n: 2, a: [1], s: 'x' },
  ],
  ['$set of the same _id', { a: 1 }, { $set: { _id: 'x' } }, { a: 1 }],
]

const refused: [title: string, before: Any, update: Any, code: number, text: string][] = [
  ['an unknown operator', {}, { $foo: { a: 1 } }, 9, 'Unknown modifier: $foo'],
  ['an operator beside a field', {}, { $set: { a: 1 }, b: 1 }, 9, 'Unknown modifier: b'],
  ['an operator without fields', {}, { $set: 5 }, 9, 'Modifiers operate on fields'],
  [
    'a path twice',
    {},
    { $set: { a: 1 }, $unset: { a: 1 } },
    40,
    "Updating the path 'a' would create a conflict at 'a'",
  ],
  ['a path and one below it', {}, { $set: { 'a.b': 1, a: 2 } }, 40, "would create a conflict at 'a'"],
  [
    'a path and one far below it',
    {},
    { $set: { a: 1, 'a-b': 1 }, $unset: { 'a.b.c': 1 } },
    40,
    "would create a conflict at 'a'",
  ],
  ['an empty path', {}, { $set: { '': 1 } }, 56, 'empty field name'],
  ['an empty part of a path', {}, { $set: { 'a..b': 1 } }, 56, 'contains an empty field name'],
  ['a name with a dollar', {}, { $set: { $a: 1 } }, 52, 'The dollar ($) prefixed field'],
  ['another _id', { a: 1 }, { $set: { _id: 'y' } }, 66, "would modify the immutable field '_id'"],
  ['taking the _id away', { a: 1 }, { $unset: { _id: 1 } }, 66, "would modify the immutable field '_id'"],
  ['$push to a scalar', { a: 5 }, { $push: { a: { $each: [1] } } }, 2, "The field 'a' must be an array"],
  [
    '$push with $each of a scalar',
    {},
    { $push: { a: { $each: 5 } } },
    2,
    'The argument to $each in $push must be an array',
  ],
  ['$pull from a scalar', { a: 5 }, { $pull: { a: 1 } }, 2, 'Cannot apply $pull to a non-array value'],
  [
    '$pull with an unknown operator',
    { a: [] },
    { $pull: { a: { $gt: 1, $foo: 1 } } },
    2,
    'unknown operator: $foo',
  ],
  ['$set below a scalar', { a: 5 }, { $set: { 'a.b': 1 } }, 28, "Cannot create field 'b' in element"],
  ['$set below null', { a: null }, { $set: { 'a.b': 1 } }, 28, "Cannot create field 'b' in element"],
  [
    '$set of a name in an array',
    { a: [1] },
    { $set: { 'a.b': 1 } },
    28,
    "Cannot create field 'b' in element",
  ],
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
      const u = { $set: { a: 2 }, $push: { list: { $each: [2] }, text: { $each: [1] } } }
      const { answer, read } = await update(before, u)
      expect(answer.writeErrors?.[0]).to.include({ code: 2 })
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
      await collection.updateOne({ _id: 'x' }, { $set: { 'log.a': 4, 'log.b': 9 } })
      const raw = await collection.findOne({ _id: 'x' }, { raw: true })
      const names = Buffer.from(raw as unknown as Uint8Array).toString('latin1')
      const places = ['b', '10', '2', 'a'].map(name => names.indexOf(`\x10${name}\0`))
      expect(places)
        .to.deep.equal([...places].sort((a, b) => a - b))
        .and.not.include(-1)
    })
  })
})
