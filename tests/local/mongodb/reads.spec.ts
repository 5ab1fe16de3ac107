import { expect } from 'chai'
import { type Any, contract, expectRefusal } from './targets.ts'

contract(({ db, fresh }) => {
  describe('a sort', () => {
    const documents = [
      { _id: 1, n: 5, m: 'b' },
      { _id: 2, n: 'text', m: 'a' },
      { _id: 3, m: 'b' },
      { _id: 4, n: [0, 9], m: 'a' },
      { _id: 5, n: new Date(1), m: 'c' },
      { _id: 7, n: true, m: 'c' },
      { _id: 8, n: [], m: 'a' },
    ]
    const sorts: [sort: Any, ids: number[]][] = [
      [{ _id: 1 }, [1, 2, 3, 4, 5, 7, 8]],
      [{ n: 1 }, [8, 3, 4, 1, 2, 7, 5]],
      [{ _id: -1 }, [8, 7, 5, 4, 3, 2, 1]],
      // An array counts by its highest element then.
      [{ n: -1 }, [5, 7, 2, 4, 1, 3, 8]],
    ]
    for (const index of [undefined, { m: 1 }, { n: 1 }])
      for (const [sort, ids] of sorts)
        it(`${JSON.stringify(sort)} ${index ? `with the index ${JSON.stringify(index)}` : ''}`, async () => {
          const collection = fresh()
          await collection.insertMany(documents)
          if (index) await collection.createIndex(index)
          const sorted = await collection.find().sort(sort).toArray()
          expect(sorted.map(({ _id }) => _id)).to.deep.equal(ids)
          const page = await collection.find().sort(sort).limit(3).toArray()
          expect(page.map(({ _id }) => _id)).to.deep.equal(ids.slice(0, 3))
        })

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
        await collection.updateOne({ _id: 'id-99' }, { $set: { a: 1 } }, { upsert: true })
      }
      expect(seen).to.have.length(26).and.include('id-99')
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

    it('refuses a negative limit', () => expectRefusal(db().command({ find: 'c', limit: -1 }), 2))

    it('refuses a filter that is no document', () =>
      expectRefusal(db().command({ find: 'c', filter: 5 }), 14))
  })
})
