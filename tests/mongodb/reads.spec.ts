import { expect } from 'chai'
import { type Any, contract, expectRefusal } from './targets.ts'

const stored = {
  _id: 'x',
  a: 1,
  b: { c: 1, d: { e: 2, f: 3 } },
  list: [{ p: 1, q: 2 }, 5, [{ p: 3, q: 4 }]],
}

const projections: [projection: Any, gives: Any][] = [
  [{ a: 1 }, { _id: 'x', a: 1 }],
  [{ a: true, _id: 0 }, { a: 1 }],
  [{ _id: 1 }, { _id: 'x' }],
  [{ _id: 0 }, { a: 1, b: stored.b, list: stored.list }],
  [{ 'b.d.e': 1 }, { _id: 'x', b: { d: { e: 2 } } }],
  [
    { 'b.c': 1, 'b.d.f': 1, a: 1 },
    { _id: 'x', a: 1, b: { c: 1, d: { f: 3 } } },
  ],
  [{ 'list.p': 1 }, { _id: 'x', list: [{ p: 1 }, [{ p: 3 }]] }],
  [{ 'a.z': 1, none: 1 }, { _id: 'x' }],
  [
    { b: 0, list: 0 },
    { _id: 'x', a: 1 },
  ],
  [
    { 'b.d': 0, list: false },
    { _id: 'x', a: 1, b: { c: 1 } },
  ],
  [
    { 'list.q': 0, b: 0 },
    { _id: 'x', a: 1, list: [{ p: 1 }, 5, [{ p: 3 }]] },
  ],
  [{ 'a.z': 0, b: 0, list: 0, _id: 0 }, { a: 1 }],
  [{}, stored],
]

contract(({ db, fresh }) => {
  describe('a projection', () => {
    for (const [projection, gives] of projections)
      it(JSON.stringify(projection), async () => {
        const collection = fresh()
        await collection.insertOne(stored)
        expect(await collection.find({}, { projection }).toArray()).to.deep.equal([gives])
      })

    it('that mixes inclusion and exclusion is refused', async () => {
      await expectRefusal(
        fresh()
          .find({}, { projection: { a: 1, b: 0 } })
          .toArray(),
        31254,
      )
      await expectRefusal(
        fresh()
          .find({}, { projection: { a: 0, b: 1 } })
          .toArray(),
        31253,
      )
    })

    it('of a path twice is refused', () =>
      expectRefusal(
        fresh()
          .find({}, { projection: { 'a.b': 1, a: 1 } })
          .toArray(),
        31250,
      ))
  })

  describe('a sort', () => {
    const documents = [
      { _id: 1, n: 5, m: 'b' },
      { _id: 2, n: 'text', m: 'a' },
      { _id: 3, m: 'b' },
      { _id: 4, n: [0, 9], m: 'a' },
      { _id: 5, n: new Date(1), m: 'c' },
      { _id: 6, n: { x: 1 }, m: 'a' },
      { _id: 7, n: true, m: 'c' },
      { _id: 8, n: [], m: 'a' },
    ]
    const sorts: [sort: Any, ids: number[]][] = [
      [{ _id: -1 }, [8, 7, 6, 5, 4, 3, 2, 1]],
      [{ n: 1 }, [8, 3, 4, 1, 2, 6, 7, 5]],
      [{ n: -1 }, [5, 7, 6, 2, 4, 1, 3, 8]],
      [{ m: 1, _id: -1 }, [8, 6, 4, 2, 3, 1, 7, 5]],
      [{ m: -1, _id: 1 }, [5, 7, 1, 3, 2, 4, 6, 8]],
    ]
    for (const index of [undefined, { m: 1, _id: -1 }, { n: 1 }])
      for (const [sort, ids] of sorts)
        it(`${JSON.stringify(sort)} ${index ? `with the index ${JSON.stringify(index)}` : ''}`, async () => {
          const collection = fresh()
          await collection.insertMany(documents)
          if (index) await collection.createIndex(index)
          const sorted = await collection.find().sort(sort).toArray()
          expect(sorted.map(({ _id }) => _id)).to.deep.equal(ids)
          const page = await collection.find().sort(sort).skip(2).limit(3).toArray()
          expect(page.map(({ _id }) => _id)).to.deep.equal(ids.slice(2, 5))
        })

    it('in another direction than 1 or -1 is refused', () =>
      expectRefusal(db().command({ find: 'c', sort: { a: 2 } }), 15975))

    it('pages by _id', async () => {
      const collection = fresh()
      await collection.insertMany(
        Array.from({ length: 25 }, (_, n) => ({ _id: `id-${String(n).padStart(2, '0')}` })),
      )
      const seen: unknown[] = []
      for (let last: unknown = ''; ; ) {
        const page = await collection
          .find({ _id: { $gt: last } })
          .sort({ _id: 1 })
          .limit(10)
          .toArray()
        if (page.length === 0) break
        seen.push(...page.map(({ _id }) => _id))
        last = seen.at(-1)
        await collection.deleteOne({ _id: 'id-20' })
        await collection.updateOne({ _id: 'id-99' }, { $set: { a: 1 } }, { upsert: true })
      }
      expect(seen).to.have.length(25).and.include('id-99').and.not.include('id-20')
      expect(seen).to.deep.equal([...seen].sort())
    })
  })

  describe('find', () => {
    const many = async (length: number) => {
      const collection = fresh()
      await collection.insertMany(Array.from({ length }, (_, n) => ({ _id: n })))
      return collection
    }

    it('of nothing, or in a collection that is not there', async () => {
      expect(await fresh().find({ a: 1 }).toArray()).to.deep.equal([])
      expect(await (await many(1)).findOne({ _id: 9 })).to.equal(null)
    })

    it('by a list of ids gives each once', async () => {
      const found = await (await many(10))
        .find({ _id: { $in: [3, 7, 3, 99] } }, { readConcern: 'majority' })
        .toArray()
      expect(found.map(({ _id }) => _id).sort()).to.deep.equal([3, 7])
    })

    it('gives thousands through a cursor, in batches', async () => {
      const collection = await many(2_500)
      expect(await collection.find().toArray()).to.have.length(2_500)
      expect(await collection.find({}, { batchSize: 7 }).limit(50).toArray()).to.have.length(50)
    })

    it('gives what there was when it began', async () => {
      const collection = await many(300)
      const cursor = collection.find({}, { batchSize: 10 }).sort({ _id: 1 })
      await cursor.next()
      expect(cursor.id?.isZero()).to.equal(false)
      const rest = await cursor.toArray()
      expect(rest).to.have.length(299)
    })

    it('gives large documents in batches of at most 16 MiB', async () => {
      const collection = fresh()
      for (let _id = 0; _id < 5; _id += 1) await collection.insertOne({ _id, text: 'x'.repeat(5_000_000) })
      const answer = await db().command({ find: collection.collectionName })
      expect(answer.cursor.firstBatch).to.have.length(3)
      expect(await collection.find().toArray()).to.have.length(5)
    })

    it('gives 101 documents first unless told otherwise, and no cursor for a single batch', async () => {
      const { collectionName } = await many(150)
      const first = await db().command({ find: collectionName })
      expect(first.cursor.firstBatch).to.have.length(101)
      const single = await db().command({ find: collectionName, batchSize: 10, singleBatch: true })
      expect(single.cursor.firstBatch).to.have.length(10)
      expect(Number(single.cursor.id)).to.equal(0)
      const none = await db().command({ find: collectionName, batchSize: 0 })
      expect(none.cursor.firstBatch).to.have.length(0)
      expect(Number(none.cursor.id)).not.to.equal(0)
    })

    it('ends a cursor that is closed or unknown', async () => {
      const collection = await many(300)
      const cursor = collection.find({}, { batchSize: 10 })
      await cursor.next()
      const id = cursor.id
      await cursor.close()
      await expectRefusal(
        db().command({ getMore: id, collection: collection.collectionName }),
        43,
        'not found',
      )
    })

    it('says how many killed cursors there were', async () => {
      const { collectionName } = await many(300)
      const { cursor } = await db().command({ find: collectionName }, { promoteLongs: false })
      const kill = () => db().command({ killCursors: collectionName, cursors: [cursor.id] })
      expect((await kill()).cursorsKilled).to.have.length(1)
      expect((await kill()).cursorsNotFound).to.have.length(1)
    })

    it('refuses a negative skip', () => expectRefusal(db().command({ find: 'c', skip: -1 }), 2))

    it('refuses a filter that is no document', () =>
      expectRefusal(db().command({ find: 'c', filter: 5 }), 14))
  })

  describe('counting', () => {
    it('counts all, those that match, and within bounds', async () => {
      const collection = fresh()
      expect(await collection.countDocuments({ a: 1 })).to.equal(0)
      expect(await collection.estimatedDocumentCount()).to.equal(0)
      await collection.insertMany([{ a: 1 }, { a: 1 }, { a: 1 }, { a: 2 }])
      expect(await collection.countDocuments()).to.equal(4)
      expect(await collection.countDocuments({ a: 1 })).to.equal(3)
      expect(await collection.countDocuments({ a: 1 }, { skip: 1, limit: 1 })).to.equal(1)
      expect(await collection.estimatedDocumentCount()).to.equal(4)
    })
  })
})
