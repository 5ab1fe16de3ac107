import { expect } from 'chai'
import { type Any, contract } from './targets.ts'

contract(({ fresh }) => {
  describe('many at once', () => {
    it('a hundred guarded increments lose none and double none', async function () {
      this.timeout(60_000)
      const collection = fresh()
      await collection.insertOne({ _id: 'x', version: 0, by: [] })
      const increment = async (k: number): Promise<void> => {
        for (;;) {
          const version = (await collection.findOne({ _id: 'x' }))?.version
          const update: Any = { $set: { version: version + 1 }, $push: { by: { $each: [k] } } }
          if ((await collection.updateOne({ _id: 'x', version }, update)).modifiedCount === 1) return
        }
      }
      await Promise.all(Array.from({ length: 100 }, (_, k) => increment(k)))
      const stored = await collection.findOne({ _id: 'x' })
      expect(stored?.version).to.equal(100)
      expect([...(stored?.by ?? [])].sort((a, b) => a - b)).to.deep.equal(
        Array.from({ length: 100 }, (_, k) => k),
      )
    })

    it('inserts of one _id: one wins', async () => {
      const collection = fresh()
      const inserts = Array.from({ length: 50 }, (_, n) =>
        collection.insertOne({ _id: 'x', n }).then(
          () => n,
          () => undefined,
        ),
      )
      const won = (await Promise.all(inserts)).filter(n => n !== undefined)
      expect(won).to.have.length(1)
      expect(await collection.find().toArray()).to.deep.equal([{ _id: 'x', n: won[0] }])
    })

    it('unordered bulks of guarded updates with conflicts apply each version once', async function () {
      this.timeout(60_000)
      const collection = fresh()
      const ids = Array.from({ length: 100 }, (_, n) => `id-${n}`)
      await collection.insertMany(ids.map(_id => ({ _id, version: 0 })))
      const bulk = async (k: number) => {
        const operations = ids.map(_id => ({
          updateOne: {
            filter: { _id, version: 0 },
            update: { $set: { by: k, version: 1 } },
          },
        }))
        return (await collection.bulkWrite(operations, { ordered: false })).modifiedCount
      }
      const applied = await Promise.all(Array.from({ length: 8 }, (_, k) => bulk(k)))
      expect(applied.reduce((a, b) => a + b, 0)).to.equal(100)
      const stored = await collection.find().toArray()
      expect(stored).to.have.length(100)
      expect(stored.every(({ version }) => version === 1)).to.equal(true)
    })

    it('a reader never sees half of an update', async () => {
      const collection = fresh()
      await collection.insertOne({ _id: 'x', a: 0, b: { c: 0 } })
      let going = true
      const reader = (async () => {
        while (going) {
          const seen = await collection.findOne({ _id: 'x' })
          expect(seen?.a).to.equal(seen?.b.c)
        }
      })()
      for (let n = 1; n <= 50; n += 1) await collection.updateOne({ _id: 'x' }, { $set: { a: n, 'b.c': n } })
      going = false
      await reader
    })
  })
})
