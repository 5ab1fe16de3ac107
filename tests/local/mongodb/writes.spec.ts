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

    it('refuses more than 16 MiB, and an update that would give as much', async () => {
      const collection = fresh()
      const text = 'x'.repeat(9_000_000)
      await collection.insertOne({ _id: 1, text })
      await expectRefusal(collection.updateOne({ _id: 1 }, { $set: { more: text } }), 17419)
      expect(Object.keys((await collection.findOne()) ?? {})).to.deep.equal(['_id', 'text'])
    })

    it('takes thousands of documents at once', async () => {
      const collection = fresh()
      const documents = Array.from({ length: 5_000 }, (_, n) => ({ _id: n, text: 'x'.repeat(200) }))
      expect((await collection.insertMany(documents)).insertedCount).to.equal(5_000)
      expect(await all(collection)).to.have.length(5_000)
    })
  })

  describe('update', () => {
    it('changes one document that matches', async () => {
      const collection = fresh()
      await collection.insertMany([
        { _id: 1, a: 1 },
        { _id: 2, a: 2 },
      ])
      const one = await collection.updateOne({ a: 1 }, { $set: { b: 1 } })
      expect(one).to.include({ matchedCount: 1, modifiedCount: 1, upsertedId: null })
      const again = await collection.updateOne({ a: 1 }, { $set: { b: 1 } })
      expect(again).to.include({ matchedCount: 1, modifiedCount: 0 })
      expect(await collection.updateOne({ a: 9 }, { $set: { b: 1 } })).to.include({ matchedCount: 0 })
    })

    it('guarded by a version matches once', async () => {
      const collection = fresh()
      await collection.insertOne({ _id: 'x', version: 1 })
      const guarded = () => collection.updateOne({ _id: 'x', version: 1 }, { $set: { version: 2 } }, majority)
      expect((await guarded()).matchedCount).to.equal(1)
      expect((await guarded()).matchedCount).to.equal(0)
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
      ['takes over what the filter fixes', { _id: 1, a: 2 }, { $set: { d: 4 } }, { _id: 1, a: 2, d: 4 }],
      ['takes over no other conditions', { _id: 1, a: { $gt: 2 } }, { $set: { e: 1 } }, { _id: 1, e: 1 }],
      [
        'applies $setOnInsert',
        { _id: 1 },
        { $setOnInsert: { a: 1 }, $set: { n: 1 } },
        { _id: 1, a: 1, n: 1 },
      ],
      [
        'applies operators to what the filter fixes',
        { _id: 1, version: 3 },
        { $set: { version: 4 } },
        { _id: 1, version: 4 },
      ],
      ['takes the _id from $setOnInsert', { a: 1 }, { $setOnInsert: { _id: 7 } }, { _id: 7, a: 1 }],
    ]
    for (const [title, filter, update, stored] of made)
      it(title, async () => {
        expect(await upserted(filter, update)).to.deep.equal(stored)
      })

    it('without an _id makes one', async () => {
      expect((await upserted({ a: 1 }, { $set: { b: 1 } }))?._id).to.be.instanceOf(ObjectId)
    })

    it('that would change the _id of its filter is refused where it inserts, and only there', async () => {
      const collection = fresh()
      await collection.insertOne({ _id: 'x', version: 1 })
      const guarded = (version: number) =>
        collection.updateOne(
          { _id: 'x', version },
          { $set: { version: version + 1 }, $setOnInsert: { _id: null as never } },
          { upsert: true },
        )
      await guarded(1)
      await expectRefusal(guarded(1), 66, "would modify the immutable field '_id'")
      expect(await all(collection)).to.deep.equal([{ _id: 'x', version: 2 }])
    })

    it('updates what is there', async () => {
      const collection = fresh()
      await collection.insertOne({ _id: 1, n: 1 })
      const done = await collection.updateOne(
        { _id: 1 },
        { $set: { n: 2 }, $setOnInsert: { z: 1 } },
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
          update: { $set: { seen: true, version: version + 1 } },
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
})
