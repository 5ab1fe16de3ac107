import { expect } from 'chai'
import { type AnyBulkWriteOperation, Double, type MongoBulkWriteError, ObjectId } from 'mongodb'
import { type Any, type Coll, contract, expectRefusal, refusalOf } from './targets.ts'

const majority = { writeConcern: { w: 'majority', j: true } } as const

contract(({ db, fresh }) => {
  const all = (collection: Coll) => collection.find().sort({ _id: 1 }).toArray()

  describe('insert', () => {
    it('gives a document without _id an object id, in front', async () => {
      const { collectionName } = fresh()
      await db().command({ insert: collectionName, documents: [{ a: 1 }] })
      const stored = await db().collection(collectionName).findOne()
      expect(Object.keys(stored ?? {})).to.deep.equal(['_id', 'a'])
      expect(stored?._id).to.be.instanceOf(ObjectId)
    })

    it('puts _id in front', async () => {
      const { collectionName } = fresh()
      await db().command({ insert: collectionName, documents: [{ a: 1, _id: 'x' }] })
      expect(Object.keys((await db().collection(collectionName).findOne()) ?? {})).to.deep.equal(['_id', 'a'])
    })

    it('refuses an _id that is there and says which', async () => {
      const collection = fresh()
      await collection.insertOne({ _id: 'x' })
      const error = await refusalOf(collection.insertOne({ _id: 'x', a: 1 }, majority))
      expect(error).to.include({ code: 11000 })
      expect(error.message).to.include(
        `E11000 duplicate key error collection: ${collection.namespace} index: _id_ dup key: { _id: "x" }`,
      )
      expect(error.keyPattern).to.deep.equal({ _id: 1 })
      expect(error.keyValue).to.deep.equal({ _id: 'x' })
    })

    it('takes numbers of different types as the same _id', async () => {
      const collection = fresh()
      await collection.insertOne({ _id: 5 })
      await expectRefusal(collection.insertOne({ _id: new Double(5) }), 11000)
    })

    it('stops at the first failure when ordered', async () => {
      const collection = fresh()
      const error = (await refusalOf(
        collection.insertMany([{ _id: 1 }, { _id: 1 }, { _id: 2 }]),
      )) as unknown as MongoBulkWriteError
      expect(error.insertedCount).to.equal(1)
      expect(await all(collection)).to.deep.equal([{ _id: 1 }])
    })

    it('goes on after a failure when unordered, and says what failed', async () => {
      const collection = fresh()
      const documents = [{ _id: 1 }, { _id: 1 }, { _id: 2 }, { _id: 2 }, { _id: 3 }]
      const error = await refusalOf(collection.insertMany(documents, { ordered: false }))
      expect(error.insertedCount).to.equal(3)
      expect([error.writeErrors].flat().map(({ index, code }) => ({ index, code }))).to.deep.equal([
        { index: 1, code: 11000 },
        { index: 3, code: 11000 },
      ])
      expect(await all(collection)).to.deep.equal([{ _id: 1 }, { _id: 2 }, { _id: 3 }])
    })

    it('refuses an array as _id', () => expectRefusal(fresh().insertOne({ _id: [1] }), 53))

    it('refuses names with a dollar in _id', () => expectRefusal(fresh().insertOne({ _id: { $a: 1 } }), 52))

    it('refuses more than 16 MiB, and an update that would give as much', async () => {
      const collection = fresh()
      const text = 'x'.repeat(9_000_000)
      await collection.insertOne({ _id: 1, text })
      await expectRefusal(collection.updateOne({ _id: 1 }, { $set: { more: text } }), 17419)
      expect(await collection.countDocuments({ more: { $exists: true } })).to.equal(0)
    })

    it('takes thousands of documents at once', async () => {
      const collection = fresh()
      const documents = Array.from({ length: 5_000 }, (_, n) => ({ _id: n, text: 'x'.repeat(200) }))
      expect((await collection.insertMany(documents)).insertedCount).to.equal(5_000)
      expect(await collection.countDocuments()).to.equal(5_000)
    })
  })

  describe('update', () => {
    it('changes one document, or all that match', async () => {
      const collection = fresh()
      await collection.insertMany([
        { _id: 1, a: 1 },
        { _id: 2, a: 1 },
        { _id: 3, a: 2 },
      ])
      const one = await collection.updateOne({ a: 1 }, { $set: { b: 1 } })
      expect(one).to.include({ matchedCount: 1, modifiedCount: 1, upsertedId: null })
      const many = await collection.updateMany({ a: 1 }, { $set: { b: 1 } })
      expect(many).to.include({ matchedCount: 2, modifiedCount: 1 })
      expect(await collection.updateMany({ a: 9 }, { $set: { b: 1 } })).to.include({ matchedCount: 0 })
    })

    it('guarded by a version matches once', async () => {
      const collection = fresh()
      await collection.insertOne({ _id: 'x', version: 1 })
      const guarded = () => collection.updateOne({ _id: 'x', version: 1 }, { $inc: { version: 1 } }, majority)
      expect((await guarded()).matchedCount).to.equal(1)
      expect((await guarded()).matchedCount).to.equal(0)
    })

    it('refuses to replace many', async () => {
      const { collectionName } = fresh()
      const updates = [{ q: {}, u: { a: 1 }, multi: true }]
      const { writeErrors } = await db().command({ update: collectionName, updates })
      expect(writeErrors[0]).to.include({ code: 9 })
    })

    it('replaces a document and keeps its _id', async () => {
      const collection = fresh()
      await collection.insertOne({ _id: 'x', a: 1 })
      await collection.replaceOne({ a: 1 }, { b: 1 })
      expect(await all(collection)).to.deep.equal([{ _id: 'x', b: 1 }])
    })
  })

  describe('an upsert', () => {
    const upserted = async (filter: Any, update: Any): Promise<Any | null> => {
      const collection = fresh()
      const { upsertedCount, upsertedId } = await collection.updateOne(filter, update, { upsert: true })
      expect(upsertedCount).to.equal(1)
      const stored = await collection.findOne()
      expect(stored?._id).to.deep.equal(upsertedId)
      return stored
    }
    const made: [title: string, filter: Any, update: Any, stored: Any][] = [
      [
        'takes over what the filter fixes',
        { _id: 1, a: 2, 'b.c': { $eq: 3 } },
        { $set: { d: 4 } },
        { _id: 1, a: 2, b: { c: 3 }, d: 4 },
      ],
      [
        'takes over from $and, one $or and a list of one',
        { $and: [{ _id: 1 }, { a: 2 }], $or: [{ b: 3 }], c: { $in: [4] } },
        { $set: { d: 5 } },
        { _id: 1, a: 2, b: 3, c: 4, d: 5 },
      ],
      [
        'takes over no other conditions',
        { _id: 1, a: { $gt: 2 }, b: { $in: [1, 2] }, c: { $exists: false }, $or: [{ d: 1 }, { d: 2 }] },
        { $set: { e: 1 } },
        { _id: 1, e: 1 },
      ],
      [
        'applies $setOnInsert',
        { _id: 1 },
        { $setOnInsert: { a: 1 }, $inc: { n: 1 } },
        { _id: 1, a: 1, n: 1 },
      ],
      [
        'applies operators to what the filter fixes',
        { _id: 1, version: 3 },
        { $inc: { version: 1 } },
        { _id: 1, version: 4 },
      ],
      ['takes the _id from $setOnInsert', { a: 1 }, { $setOnInsert: { _id: 7 } }, { _id: 7, a: 1 }],
      [
        'takes over a whole document',
        { _id: { x: 1 }, a: [1, 2] },
        { $set: { b: 1 } },
        { _id: { x: 1 }, a: [1, 2], b: 1 },
      ],
    ]
    for (const [title, filter, update, stored] of made)
      it(title, async () => {
        expect(await upserted(filter, update)).to.deep.equal(stored)
      })

    it('by a whole document takes over the _id alone', async () => {
      const collection = fresh()
      await collection.replaceOne({ _id: 1, a: 2 }, { b: 3 }, { upsert: true })
      expect(await all(collection)).to.deep.equal([{ _id: 1, b: 3 }])
    })

    it('updates what is there', async () => {
      const collection = fresh()
      await collection.insertOne({ _id: 1, n: 1 })
      const done = await collection.updateOne(
        { _id: 1 },
        { $inc: { n: 1 }, $setOnInsert: { z: 1 } },
        { upsert: true },
      )
      expect(done).to.include({ matchedCount: 1, modifiedCount: 1, upsertedCount: 0 })
      expect(await all(collection)).to.deep.equal([{ _id: 1, n: 2 }])
    })

    it('whose guard misses an _id that is there is a duplicate', async () => {
      const collection = fresh()
      await collection.insertOne({ _id: 'x', version: 2 })
      const stale = collection.updateOne(
        { _id: 'x', version: 1 },
        { $set: { a: 1 } },
        { upsert: true, ...majority },
      )
      const error = await refusalOf(stale)
      expect(error).to.include({ code: 11000 })
      expect(error.keyValue).to.deep.equal({ _id: 'x' })
      expect(await all(collection)).to.deep.equal([{ _id: 'x', version: 2 }])
    })

    const refused: [filter: Any, code: number][] = [
      [{ $and: [{ x: 1 }, { x: 1 }] }, 54],
      [{ x: { x: 1 }, 'x.y': 1 }, 54],
      [{ x: 1, 'x.x': 1 }, 54],
      [{ _id: [1, 2] }, 53],
    ]
    for (const [filter, code] of refused)
      it(`refuses to build a document from ${JSON.stringify(filter)}`, () =>
        expectRefusal(fresh().updateOne(filter, { $set: { a: 1 } }, { upsert: true }), code))
  })

  describe('a bulk write', () => {
    it('does each operation by itself and says what failed', async () => {
      const collection = fresh()
      await collection.insertMany([
        { _id: 'a', version: 1 },
        { _id: 'b', version: 5 },
      ])
      const guarded = (_id: string, version: number): AnyBulkWriteOperation<Any> => ({
        updateOne: {
          filter: { _id, version },
          update: { $set: { seen: true }, $inc: { version: 1 } },
          upsert: true,
        },
      })
      const error = await refusalOf(
        collection.bulkWrite([guarded('a', 1), guarded('b', 1), guarded('c', 0), guarded('b', 2)], {
          ordered: false,
          ...majority,
        }),
      )
      expect(error).to.include({ code: 11000 })
      expect(error.writeErrors.map(({ index, code }: Any) => ({ index, code }))).to.deep.equal([
        { index: 1, code: 11000 },
        { index: 3, code: 11000 },
      ])
      expect(error.result).to.include({ matchedCount: 1, modifiedCount: 1, upsertedCount: 1 })
      expect(error.result.upsertedIds).to.deep.equal({ 2: 'c' })
      expect(await all(collection)).to.deep.equal([
        { _id: 'a', version: 2, seen: true },
        { _id: 'b', version: 5 },
        { _id: 'c', version: 1, seen: true },
      ])
    })

    it('that is ordered stops at the first failure', async () => {
      const collection = fresh()
      const inserts = [1, 1, 2].map(_id => ({ insertOne: { document: { _id } } }))
      const error = await refusalOf(collection.bulkWrite(inserts))
      expect([error.writeErrors].flat()[0]).to.include({ index: 1, code: 11000 })
      expect(await all(collection)).to.deep.equal([{ _id: 1 }])
    })

    it('mixes inserts, updates, replacements and deletes', async () => {
      const collection = fresh()
      await collection.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3 }])
      const done = await collection.bulkWrite([
        { insertOne: { document: { _id: 4 } } },
        { updateOne: { filter: { _id: 1 }, update: { $set: { a: 1 } } } },
        { updateMany: { filter: { _id: { $gte: 3 } }, update: { $set: { b: 1 } } } },
        { replaceOne: { filter: { _id: 2 }, replacement: { c: 1 } } },
        { deleteOne: { filter: { _id: 1 } } },
      ])
      expect(done).to.include({ insertedCount: 1, matchedCount: 4, modifiedCount: 4, deletedCount: 1 })
      expect(await all(collection)).to.deep.equal([
        { _id: 2, c: 1 },
        { _id: 3, b: 1 },
        { _id: 4, b: 1 },
      ])
    })

    it('reports an update that cannot be parsed beside those that were done', async () => {
      const { collectionName } = fresh()
      const updates = [
        { q: { _id: 1 }, u: { $set: { a: 1 } }, upsert: true },
        { q: { _id: 2 }, u: { $foo: { a: 1 } }, upsert: true },
        { q: { _id: 3 }, u: { $set: { a: 1 } }, upsert: true },
      ]
      const answer = await db().command({ update: collectionName, updates, ordered: false })
      expect(answer).to.include({ n: 2, nModified: 0 })
      expect(answer.upserted).to.deep.equal([
        { index: 0, _id: 1 },
        { index: 2, _id: 3 },
      ])
      expect(answer.writeErrors.map(({ index, code }: Any) => ({ index, code }))).to.deep.equal([
        { index: 1, code: 9 },
      ])
    })
  })

  describe('delete', () => {
    it('removes one, or all that match', async () => {
      const collection = fresh()
      await collection.insertMany([
        { _id: 1, a: 1 },
        { _id: 2, a: 1 },
        { _id: 3, a: 1 },
      ])
      expect((await collection.deleteOne({ a: 1 })).deletedCount).to.equal(1)
      expect((await collection.deleteMany({ a: 1 }, majority)).deletedCount).to.equal(2)
      expect((await collection.deleteMany({ a: 1 })).deletedCount).to.equal(0)
    })

    it('frees _id and unique values', async () => {
      const collection = fresh()
      await collection.createIndex({ a: 1 }, { unique: true })
      await collection.insertOne({ _id: 1, a: 1 })
      await collection.deleteOne({ _id: 1 })
      await collection.insertOne({ _id: 1, a: 1 })
      expect(await all(collection)).to.deep.equal([{ _id: 1, a: 1 }])
    })
  })

  describe('findOneAndUpdate', () => {
    it('gives the document before, or after', async () => {
      const collection = fresh()
      await collection.insertOne({ _id: 1, n: 1 })
      expect(await collection.findOneAndUpdate({ _id: 1 }, { $inc: { n: 1 } })).to.deep.equal({
        _id: 1,
        n: 1,
      })
      const after = { returnDocument: 'after' } as const
      expect(await collection.findOneAndUpdate({ _id: 1 }, { $inc: { n: 1 } }, after)).to.deep.equal({
        _id: 1,
        n: 3,
      })
    })

    it('gives null when nothing matches, and with upsert the document before is null', async () => {
      const collection = fresh()
      expect(await collection.findOneAndUpdate({ _id: 1 }, { $inc: { n: 1 } })).to.equal(null)
      expect(await collection.findOneAndUpdate({ _id: 1 }, { $inc: { n: 1 } }, { upsert: true })).to.equal(
        null,
      )
      expect(await all(collection)).to.deep.equal([{ _id: 1, n: 1 }])
    })

    it('says what it did', async () => {
      const { collectionName } = fresh()
      const command = {
        findAndModify: collectionName,
        query: { _id: 1 },
        update: { $inc: { n: 1 } },
        upsert: true,
        new: true,
      }
      expect(await db().command(command)).to.deep.include({
        lastErrorObject: { n: 1, updatedExisting: false, upserted: 1 },
        value: { _id: 1, n: 1 },
      })
      expect(await db().command(command)).to.deep.include({
        lastErrorObject: { n: 1, updatedExisting: true },
        value: { _id: 1, n: 2 },
      })
    })

    it('takes the first by sort, and projects', async () => {
      const collection = fresh()
      await collection.insertMany([
        { _id: 1, n: 3, x: 1 },
        { _id: 2, n: 1, x: 1 },
      ])
      const options = { sort: { n: 1 }, projection: { n: 1 }, returnDocument: 'after' } as const
      expect(await collection.findOneAndUpdate({}, { $inc: { n: 1 } }, options)).to.deep.equal({
        _id: 2,
        n: 2,
      })
    })

    it('replaces', async () => {
      const collection = fresh()
      await collection.insertOne({ _id: 1, n: 1 })
      await collection.findOneAndReplace({ n: 1 }, { m: 1 })
      expect(await all(collection)).to.deep.equal([{ _id: 1, m: 1 }])
    })

    it('removes when asked to', async () => {
      const collection = fresh()
      await collection.insertMany([
        { _id: 1, n: 1 },
        { _id: 2, n: 2 },
      ])
      expect(await collection.findOneAndDelete({}, { sort: { n: -1 } })).to.deep.equal({ _id: 2, n: 2 })
      expect(await collection.findOneAndDelete({ _id: 2 })).to.equal(null)
      expect(await all(collection)).to.deep.equal([{ _id: 1, n: 1 }])
      const both = { findAndModify: collection.collectionName, query: {}, remove: true, update: { a: 1 } }
      await expectRefusal(db().command(both), 9)
    })

    it('refuses what an update refuses', () =>
      expectRefusal(fresh().findOneAndUpdate({ _id: 1 }, { $set: { a: 1 }, $inc: { a: 1 } }), 40))
  })
})
