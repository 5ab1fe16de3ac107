import { expect } from 'chai'
import { type Any, contract, expectRefusal, refusalOf } from './targets.ts'

contract(({ db, fresh }) => {
  describe('a collection', () => {
    it('comes to be with its first change, not by an update that finds nothing or a refused insert', async () => {
      const { collectionName } = fresh()
      await db()
        .collection(collectionName)
        .updateOne({ a: 1 }, { $set: { b: 1 } })
      await refusalOf(
        db()
          .collection<Any>(collectionName)
          .insertOne({ _id: [1] }),
      )
      const create = (name: string) =>
        db().command({ createIndexes: collectionName, indexes: [{ key: { [name]: 1 }, name }] })
      expect(await create('a')).to.include({ createdCollectionAutomatically: true })
      expect(await create('b')).to.include({ createdCollectionAutomatically: false })
    })

    it('with a bad name is refused', () => expectRefusal(db().command({ find: '' }), 73))
  })

  describe('the server', () => {
    it('answers ping and hello', async () => {
      expect(await db().command({ ping: 1 })).to.include({ ok: 1 })
      expect(await db().command({ hello: 1 })).to.include({ isWritablePrimary: true, ok: 1 })
      expect(await db().command({ isMaster: 1 })).to.include({ ismaster: true, ok: 1 })
    })

    it('drops a database and no other', async () => {
      const other = db().client.db(`${db().databaseName}-other`)
      await other.collection<Any>('c').insertOne({ _id: 1 })
      const kept = fresh()
      await kept.insertOne({ _id: 1 })
      await other.dropDatabase()
      expect(await other.collection('c').find().toArray()).to.deep.equal([])
      await other.collection<Any>('c').insertOne({ _id: 1 })
      await other.dropDatabase()
      expect(await kept.find().toArray()).to.deep.equal([{ _id: 1 }])
    })

    it('drops a collection and no other, with its indexes, and one that is not there', async () => {
      const [gone, kept] = [fresh(), fresh()]
      await gone.createIndexes([{ name: 'a', key: { a: 1 }, unique: true }])
      for (const collection of [gone, kept]) await collection.insertOne({ _id: 1, a: 1 })
      await gone.drop()
      await gone.drop()
      expect(await gone.find().toArray()).to.deep.equal([])
      expect(await kept.find().toArray()).to.deep.equal([{ _id: 1, a: 1 }])
      await gone.insertMany([
        { _id: 1, a: 1 },
        { _id: 2, a: 1 },
      ])
      expect(await gone.find().toArray()).to.have.lengthOf(2)
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
