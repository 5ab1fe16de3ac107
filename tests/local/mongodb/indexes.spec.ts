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
      await collection.createIndex({ a: 1, b: 1 }, { unique: true })
      await collection.insertMany([
        { a: 1, b: 1 },
        { a: 1, b: 2 },
        { a: 2, b: 1 },
      ])
      const error = await refusalOf(collection.insertOne({ a: 1, b: 2 }))
      expect(error.keyPattern).to.deep.equal({ a: 1, b: 1 })
      expect(error.keyValue).to.deep.equal({ a: 1, b: 2 })
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
      { due: { $gte: null } },
      { unsent: '5:a' },
      { unsent: { $in: ['5:a', '15:b'] } },
      { unsent: { $gt: '' } },
      { unsent: { $gt: '' }, _id: { $gt: 9 } },
      { unsent: { $gt: '2', $lt: '4' } },
      { unsent: { $gt: '' }, state: 'open' },
    ]
    it('finds what a scan finds', () =>
      found([[{ due: 1 }], [{ state: 1, due: 1 }], [{ unsent: 1 }]], due, filters))
    it('that is sparse finds what a scan finds', () =>
      found(
        [
          [{ due: 1 }, { sparse: true }],
          [{ unsent: 1 }, { sparse: true }],
        ],
        due,
        filters,
      ))
    it('that is partial finds what a scan finds', () =>
      found(
        [
          [{ due: 1 }, { partialFilterExpression: { state: 'open' } }],
          [{ _id: 1, state: 1 }, { partialFilterExpression: { unsent: { $gt: '' } } }],
        ],
        due,
        filters,
      ))

    it('follows updates', async () => {
      const collection = fresh()
      await collection.createIndex({ n: 1 })
      await collection.insertMany([
        { _id: 1, n: 1 },
        { _id: 2, n: 2 },
      ])
      await collection.updateOne({ _id: 1 }, { $set: { n: 3 } })
      expect(await collection.find({ n: { $gte: 0 } }).toArray()).to.deep.equal([
        { _id: 2, n: 2 },
        { _id: 1, n: 3 },
      ])
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
      const indexes = [{ key: { c: 1 }, name: 'c' }]
      const answer = await db().command({ createIndexes: collection.collectionName, indexes })
      expect(answer).to.include({ numIndexesBefore: 1, numIndexesAfter: 2 })
    })

    it('that is there is not built again, and keeps its name', async () => {
      const collection = fresh()
      expect(await collection.createIndex({ a: 1, b: 1 })).to.equal('a_1_b_1')
      expect(await collection.createIndex({ a: 1, b: 1 })).to.equal('a_1_b_1')
      const command = {
        createIndexes: collection.collectionName,
        indexes: [{ key: { a: 1, b: 1 }, name: 'a_1_b_1' }],
      }
      expect(await db().command(command)).to.include({
        numIndexesBefore: 2,
        numIndexesAfter: 2,
        note: 'all indexes already exist',
      })
      await expectRefusal(collection.createIndex({ c: 1 }, { name: 'a_1_b_1' }), 86)
      await expectRefusal(collection.createIndex({ a: 1, b: 1 }, { name: 'other' }), 85)
      await expectRefusal(collection.createIndex({ a: 1, b: 1 }, { unique: true }), 86)
    })

    const refused: [title: string, key: Any, options: Any, code: number][] = [
      ['without fields', {}, { name: 'x' }, 67],
      ['of an unknown kind', { a: 'foo' }, {}, 67],
      ['with an unknown option', { a: 1 }, { name: 'x', foo: 1 }, 197],
    ]
    for (const [title, key, options, code] of refused)
      it(`${title} is refused`, () => {
        const indexes = [{ key, name: 'refused', ...options }]
        return expectRefusal(db().command({ createIndexes: fresh().collectionName, indexes }), code)
      })
  })
})
