import { expect } from 'chai'
import { type CreateIndexesOptions, Double } from 'mongodb'
import { type Any, type Coll, contract, expectRefusal, refusalOf } from './targets.ts'

const idsIn = async (collection: Coll, filter: Any) =>
  (await collection.find(filter).toArray()).map(({ _id }) => _id).sort()

const due = Array.from({ length: 40 }, (_, n) => ({
  _id: n,
  state: n % 3 === 0 ? 'open' : 'closed',
  ...(n % 4 === 0 ? {} : { due: n % 7 === 0 ? null : new Date(n * 1_000) }),
  ...(n % 5 === 0 ? { unsent: n % 2 === 0 ? [] : [`${n}:a`, `${n}:b`] } : {}),
}))

contract(({ db, fresh }) => {
  describe('a unique index', () => {
    it('refuses a second document with the same value, by insert and by update', async () => {
      const collection = fresh()
      await collection.createIndex({ email: 1 }, { unique: true })
      await collection.insertMany([
        { _id: 1, email: 'a' },
        { _id: 2, email: 'b' },
      ])
      const error = await refusalOf(collection.insertOne({ _id: 3, email: 'a' }))
      expect(error).to.include({ code: 11000 })
      expect(error.message).to.include('index: email_1 dup key: { email: "a" }')
      expect(error.keyPattern).to.deep.equal({ email: 1 })
      expect(error.keyValue).to.deep.equal({ email: 'a' })
      await expectRefusal(collection.updateOne({ _id: 2 }, { $set: { email: 'a' } }), 11000)
      await expectRefusal(collection.updateOne({ _id: 9 }, { $set: { email: 'b' } }, { upsert: true }), 11000)
      expect(await collection.find().sort({ _id: 1 }).toArray()).to.deep.equal([
        { _id: 1, email: 'a' },
        { _id: 2, email: 'b' },
      ])
    })

    it('lets a document keep its own value', async () => {
      const collection = fresh()
      await collection.createIndex({ email: 1 }, { unique: true })
      await collection.insertOne({ _id: 1, email: 'a' })
      await collection.updateOne({ _id: 1 }, { $set: { email: 'a', x: 1 } })
      await collection.replaceOne({ _id: 1 }, { email: 'a' })
    })

    it('takes a missing value for null, once', async () => {
      const collection = fresh()
      await collection.createIndex({ email: 1 }, { unique: true })
      await collection.insertOne({ _id: 1 })
      await expectRefusal(collection.insertOne({ _id: 2, email: null }), 11000, 'dup key: { email: null }')
    })

    it('compares numbers by value', async () => {
      const collection = fresh()
      await collection.createIndex({ n: 1 }, { unique: true })
      await collection.insertOne({ n: 5 })
      await expectRefusal(collection.insertOne({ n: new Double(5) }), 11000)
    })

    it('over several fields compares all of them', async () => {
      const collection = fresh()
      await collection.createIndex({ a: 1, 'b.c': -1 }, { unique: true })
      await collection.insertMany([
        { a: 1, b: { c: 1 } },
        { a: 1, b: { c: 2 } },
        { a: 2, b: { c: 1 } },
      ])
      const error = await refusalOf(collection.insertOne({ a: 1, b: { c: 2 } }))
      expect(error.keyPattern).to.deep.equal({ a: 1, 'b.c': -1 })
      expect(error.keyValue).to.deep.equal({ a: 1, 'b.c': 2 })
    })

    it('over an array compares each element, within one document none', async () => {
      const collection = fresh()
      await collection.createIndex({ tags: 1 }, { unique: true })
      await collection.insertOne({ _id: 1, tags: ['a', 'b', 'a'] })
      await expectRefusal(collection.insertOne({ _id: 2, tags: ['c', 'b'] }), 11000, 'dup key: { tags: "b" }')
      await collection.updateOne({ _id: 1 }, { $pull: { tags: 'b' } as object })
      await collection.insertOne({ _id: 2, tags: ['c', 'b'] })
    })

    it('that is sparse leaves out documents without the field', async () => {
      const collection = fresh()
      await collection.createIndex({ key: 1 }, { unique: true, sparse: true })
      await collection.insertMany([{ _id: 1 }, { _id: 2 }, { _id: 3, key: 'a' }])
      await expectRefusal(collection.updateOne({ _id: 1 }, { $set: { key: 'a' } }), 11000)
      await collection.updateOne({ _id: 3 }, { $unset: { key: 1 } })
      await collection.updateOne({ _id: 1 }, { $set: { key: 'a' } })
    })

    it('that is partial leaves out documents beyond its filter', async () => {
      const collection = fresh()
      await collection.createIndex({ sku: 1 }, { unique: true, partialFilterExpression: { open: true } })
      await collection.insertMany([
        { _id: 1, sku: 'S', open: true },
        { _id: 2, sku: 'S', open: false },
        { _id: 3, sku: 'S' },
      ])
      await expectRefusal(collection.updateOne({ _id: 2 }, { $set: { open: true } }), 11000)
      await collection.updateOne({ _id: 1 }, { $set: { open: false } })
      await collection.updateOne({ _id: 2 }, { $set: { open: true } })
    })

    it('is not built over documents that break it', async () => {
      const collection = fresh()
      await collection.insertMany([
        { _id: 1, a: 1 },
        { _id: 2, a: 1 },
      ])
      await expectRefusal(collection.createIndex({ a: 1 }, { unique: true }), 11000)
      expect(await collection.indexes()).to.have.length(1)
      await collection.insertOne({ _id: 3, a: 1 })
    })

    it('among others changes none of them when it refuses', async () => {
      const collection = fresh()
      await collection.createIndex({ a: 1 })
      await collection.createIndex({ b: 1 }, { unique: true })
      await collection.insertMany([
        { _id: 1, a: 1, b: 1 },
        { _id: 2, a: 2, b: 2 },
      ])
      await expectRefusal(collection.updateOne({ _id: 2 }, { $set: { a: 9, b: 1 } }), 11000)
      expect(await collection.find({ a: 9 }).toArray()).to.deep.equal([])
      expect(await collection.find({ a: 2 }).toArray()).to.deep.equal([{ _id: 2, a: 2, b: 2 }])
    })
  })

  describe('an index', () => {
    const found = async (indexes: [Any, CreateIndexesOptions?][], documents: Any[], filters: Any[]) => {
      const [plain, indexed] = [fresh(), fresh()]
      await indexed.insertMany(documents.slice(0, 2))
      for (const [key, options] of indexes) await indexed.createIndex(key, options ?? {})
      await indexed.insertMany(documents.slice(2))
      await plain.insertMany(documents)
      for (const filter of filters)
        expect(await idsIn(indexed, filter), JSON.stringify(filter)).to.deep.equal(await idsIn(plain, filter))
    }
    const filters = [
      { due: { $lte: new Date(10_000) } },
      { due: { $gt: new Date(5_000), $lt: new Date(20_000) }, state: 'open' },
      { state: 'open', due: { $lte: new Date(30_000) } },
      { state: { $in: ['open', 'other'] }, due: new Date(9_000) },
      { due: null },
      { due: { $exists: true } },
      { due: { $exists: false } },
      { due: { $ne: null } },
      { due: { $gte: null } },
      { unsent: '5:a' },
      { unsent: { $in: ['5:a', '15:b'] } },
      { unsent: { $gt: '2', $lt: '4' } },
      { 'unsent.0': { $exists: true } },
      { unsent: [] },
      { unsent: { $exists: true }, state: 'open' },
      { $or: [{ due: new Date(9_000) }, { state: 'open' }] },
    ]
    it('finds what a scan finds', () =>
      found([[{ due: 1 }], [{ state: 1, due: -1 }], [{ unsent: 1 }], [{ 'unsent.0': 1 }]], due, filters))
    it('that is sparse finds what a scan finds', () =>
      found(
        [
          [{ due: 1 }, { sparse: true }],
          [{ unsent: 1 }, { sparse: true }],
          [{ 'unsent.0': 1 }, { sparse: true }],
        ],
        due,
        filters,
      ))
    it('that is partial finds what a scan finds', () =>
      found(
        [
          [{ due: 1 }, { partialFilterExpression: { state: 'open' } }],
          [{ state: 1 }, { partialFilterExpression: { due: { $exists: true } } }],
          [{ unsent: 1 }, { partialFilterExpression: { 'unsent.0': { $exists: true } } }],
        ],
        due,
        filters,
      ))

    it('follows updates and deletes', async () => {
      const collection = fresh()
      await collection.createIndex({ n: 1 })
      await collection.insertMany([
        { _id: 1, n: 1 },
        { _id: 2, n: 2 },
      ])
      await collection.updateOne({ _id: 1 }, { $set: { n: 3 } })
      await collection.deleteOne({ n: 2 })
      expect(await collection.find({ n: { $gte: 0 } }).toArray()).to.deep.equal([{ _id: 1, n: 3 }])
      expect(await collection.find({ n: 1 }).toArray()).to.deep.equal([])
    })

    it('over two arrays is refused', async () => {
      const collection = fresh()
      await collection.createIndex({ a: 1, b: 1 })
      await expectRefusal(collection.insertOne({ a: [1], b: [2] }), 171, 'cannot index parallel arrays')
    })

    it('is not made when another of the same command cannot be', async () => {
      const collection = fresh()
      await collection.insertMany([{ a: 1 }, { a: 1 }])
      const made = collection.createIndexes([{ key: { b: 1 } }, { key: { a: 1 }, unique: true }])
      await expectRefusal(made, 11000)
      expect(await collection.indexes()).to.have.length(1)
    })

    it('that is there is not built again, and keeps its name', async () => {
      const collection = fresh()
      expect(await collection.createIndex({ a: 1, b: -1 })).to.equal('a_1_b_-1')
      expect(await collection.createIndex({ a: 1, b: -1 })).to.equal('a_1_b_-1')
      const command = {
        createIndexes: collection.collectionName,
        indexes: [{ key: { a: 1, b: -1 }, name: 'a_1_b_-1' }],
      }
      expect(await db().command(command)).to.include({
        numIndexesBefore: 2,
        numIndexesAfter: 2,
        note: 'all indexes already exist',
      })
      await expectRefusal(collection.createIndex({ c: 1 }, { name: 'a_1_b_-1' }), 86)
      await expectRefusal(collection.createIndex({ a: 1, b: -1 }, { name: 'other' }), 85)
      await expectRefusal(collection.createIndex({ a: 1, b: -1 }, { unique: true }), 86)
    })

    it('is listed as it was made', async () => {
      const collection = fresh()
      await collection.createIndex({ a: 1 }, { unique: true, sparse: true })
      await collection.createIndex({ b: -1 }, { name: 'mine', partialFilterExpression: { c: { $gt: 1 } } })
      expect(await collection.indexes()).to.deep.equal([
        { v: 2, key: { _id: 1 }, name: '_id_' },
        { v: 2, key: { a: 1 }, name: 'a_1', unique: true, sparse: true },
        { v: 2, key: { b: -1 }, name: 'mine', partialFilterExpression: { c: { $gt: 1 } } },
      ])
    })

    it('of a collection that is not there cannot be listed', () => expectRefusal(fresh().indexes(), 26))

    const refused: [title: string, key: Any, options: Any, code: number][] = [
      ['without fields', {}, { name: 'x' }, 67],
      ['of an unknown kind', { a: 'foo' }, {}, 67],
      ['with an unknown option', { a: 1 }, { name: 'x', foo: 1 }, 197],
      ['with a negation in its filter', { a: 1 }, { partialFilterExpression: { a: { $exists: false } } }, 67],
      ['with $ne in its filter', { a: 1 }, { partialFilterExpression: { a: { $ne: 1 } } }, 67],
    ]
    for (const [title, key, options, code] of refused)
      it(`${title} is refused`, () => {
        const indexes = [{ key, name: 'refused', ...options }]
        return expectRefusal(db().command({ createIndexes: fresh().collectionName, indexes }), code)
      })
  })

  describe('an index of a path with numbers', () => {
    it('finds elements by place and fields of that name', async () => {
      const collection = fresh()
      await collection.createIndex({ 'a.0': 1 })
      await collection.insertMany([
        { _id: 1, a: [5] },
        { _id: 2, a: { 0: 5 } },
        { _id: 3, a: [1, { 0: 5 }] },
        { _id: 4, a: [[5]] },
      ])
      expect(await idsIn(collection, { 'a.0': 5 })).to.deep.equal([1, 2, 3])
    })
  })

  describe('a collection', () => {
    it('is listed once something was written, until it is dropped', async () => {
      const collection = fresh()
      const listed = () => db().listCollections({ name: collection.collectionName }).toArray()
      expect(await listed()).to.deep.equal([])
      await collection.insertOne({ a: 1 })
      expect((await listed())[0]).to.include({ name: collection.collectionName, type: 'collection' })
      expect(await collection.drop()).to.equal(true)
      expect(await listed()).to.deep.equal([])
      expect(await collection.find().toArray()).to.deep.equal([])
    })

    it('does not come to be by an update that finds nothing, nor by a refused insert', async () => {
      const collection = fresh()
      await collection.updateOne({ a: 1 }, { $set: { b: 1 } })
      await collection.findOneAndUpdate({ a: 1 }, { $set: { b: 1 } })
      await collection.deleteMany({})
      expect(await db().listCollections({ name: collection.collectionName }).toArray()).to.deep.equal([])
    })

    it('with a bad name is refused', () => expectRefusal(db().command({ find: '' }), 73))
  })

  describe('the server', () => {
    it('answers ping, hello and buildInfo', async () => {
      expect(await db().command({ ping: 1 })).to.include({ ok: 1 })
      expect(await db().command({ hello: 1 })).to.include({ isWritablePrimary: true, ok: 1 })
      expect((await db().command({ buildInfo: 1 })).version).to.match(/^\d+\.\d+/)
    })

    it('lists and drops databases', async () => {
      const other = db().client.db(`${db().databaseName}-other`)
      await other.collection('c').insertOne({ a: 1 })
      const names = async () => (await db().admin().listDatabases()).databases.map(({ name }) => name)
      expect(await names()).to.include(other.databaseName)
      await other.dropDatabase()
      expect(await names()).not.to.include(other.databaseName)
    })

    it('refuses a command that nobody knows', () =>
      expectRefusal(db().command({ foo: 1 }), 59, "no such command: 'foo'"))

    it('refuses a field that a command does not have', () =>
      expectRefusal(db().command({ find: 'c', foo: 1 }), 40415, "BSON field 'find.foo' is an unknown field"))

    it('refuses a command without a field that it needs', () =>
      expectRefusal(
        db().command({ insert: 'c' }),
        40414,
        "BSON field 'insert.documents' is missing but a required field",
      ))
  })
})
