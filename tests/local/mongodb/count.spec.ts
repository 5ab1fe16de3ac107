import { expect } from 'chai'
import { type Any, type Coll, contract, expectRefusal } from './targets.ts'

const documents = Array.from({ length: 30 }, (_, n) => ({
  _id: n,
  ...(n % 3 === 0 ? {} : { due: n }),
  ...(n % 5 === 0 ? { unsent: n % 2 === 0 ? [] : [`${n}:a`, `${n}:b`] } : {}),
  state: n < 10 ? 'open' : 'closed',
}))

/** A filter, and how many documents it finds. */
const cases: [title: string, query: Any, n: number][] = [
  ['all', {}, 30],
  ['those above a bound', { due: { $gt: 4 } }, 17],
  ['those from a bound on', { due: { $gte: 4 } }, 18],
  ['those below a bound', { due: { $lt: 4 } }, 2],
  ['those up to a bound', { due: { $lte: 4 } }, 3],
  ['those between two bounds, without them', { due: { $gt: 4, $lt: 11 } }, 4],
  ['those between two bounds, with them', { due: { $gte: 4, $lte: 11 } }, 6],
  ['none between bounds that have nothing between them', { due: { $gt: 11, $lt: 4 } }, 0],
  ['none between bounds of two types', { due: { $gt: 4, $lt: 'x' } }, 0],
  ['those with a value', { due: 5 }, 1],
  ['those with one of several values', { due: { $in: [5, 7, 9, 7] } }, 2],
  ['those without a value', { due: null }, 10],
  ['an array once, though it has several elements', { unsent: { $gt: '' } }, 3],
  ['those for which several conditions hold', { due: { $gt: 4 }, state: 'open' }, 3],
  ['by _id', { _id: { $in: [1, 2, 99] } }, 2],
  ['by a range of _id', { _id: { $gt: 3, $lte: 7 } }, 4],
]

const indexings: [title: string, create: (collection: Coll) => Promise<unknown>][] = [
  ['without an index', async () => {}],
  ['with an index', c => c.createIndexes([{ key: { due: 1 } }, { key: { unsent: 1 } }])],
  [
    'with sparse indexes',
    c =>
      c.createIndexes([
        { key: { due: 1 }, sparse: true },
        { key: { unsent: 1 }, sparse: true },
      ]),
  ],
  [
    'with partial indexes',
    c =>
      c.createIndexes([
        { key: { due: 1 }, partialFilterExpression: { due: { $gt: 4 } } },
        { key: { unsent: 1 }, partialFilterExpression: { unsent: { $gt: '' } } },
      ]),
  ],
  [
    'with a compound index',
    c => c.createIndexes([{ key: { due: 1, state: 1 } }, { key: { state: 1, due: 1 } }]),
  ],
]

contract(({ db, fresh }) => {
  const counted = async (collection: Coll, fields: Any) =>
    (await db().command({ count: collection.collectionName, ...fields })).n

  for (const [title, create] of indexings)
    describe(`count ${title}`, () => {
      let collection: Coll
      before(async () => {
        collection = fresh()
        await create(collection)
        await collection.insertMany(documents)
      })
      for (const [what, query, n] of cases)
        it(`counts ${what}`, async () => {
          expect(await counted(collection, { query })).to.equal(n)
          expect(await collection.find(query).toArray()).to.have.length(n)
        })
    })

  describe('count', () => {
    it('stops at its limit, of which 0 is none and the sign does not matter', async () => {
      const collection = fresh()
      await collection.insertMany(documents)
      const limited = (limit: number) => counted(collection, { query: { _id: { $gte: 10 } }, limit })
      expect(await Promise.all([5, 0, -5, 100].map(limited))).to.deep.equal([5, 20, 5, 20])
    })

    it('follows updates, and needs neither a query nor a collection that is there', async () => {
      const collection = fresh()
      expect(await counted(collection, {})).to.equal(0)
      await collection.createIndex({ due: 1 }, { sparse: true })
      await collection.insertMany(documents)
      await collection.updateOne({ _id: 1 }, { $unset: { due: '' } })
      await collection.updateOne({ _id: 3 }, { $set: { due: 3 } })
      await collection.updateOne({ _id: 2 }, { $set: { due: 100 } })
      expect(await counted(collection, { query: { due: { $gt: 2, $lte: 99 } } })).to.equal(19)
      expect(await counted(collection, {})).to.equal(30)
    })

    it('refuses a query that is no document', () => expectRefusal(counted(fresh(), { query: 5 }), 14))
    it('refuses an operator that it does not know', () =>
      expectRefusal(counted(fresh(), { query: { a: { $foo: 1 } } }), 2, 'unknown operator: $foo'))
  })
})
