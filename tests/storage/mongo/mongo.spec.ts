import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { MongoClient } from 'mongodb'
import { type MongoDb, startMongoDb } from '../../../local/servers/mongodb.ts'
import { waitUntil } from '../../../local/supervision/wait.ts'
import { shop } from '../../../services/contract/shop.ts'
import { mongoStockStore } from '../../../services/inventory/stock/mongo-store.ts'
import { hasCode } from '../../../shared/runtime/errors.ts'
import { systemRandom } from '../../../shared/runtime/random.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { connectMongo, type Mongo } from '../../../shared/storage/mongo/connection.ts'
import { answered } from '../../../shared/storage/mongo/errors.ts'
import { ensureDocumentIndexes, mongoStore } from '../../../shared/storage/mongo/store.ts'
import { sku, supplied } from '../../services/inventory/stock/stock.ts'
import { manualClock } from '../../support/manual-clock.ts'
import { mongodb } from '../../support/servers.ts'
import { freshCollection, needsMongo } from '../adapters.ts'
import { id, type State, unknownOrder } from '../documents.ts'
import { proxyTo } from './lossy-proxy.ts'

const outcomeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.catch(error => (hasCode(error, 'store-unavailable') ? 'store-unavailable' : error))

describe('the MongoDB adapters', function () {
  this.timeout(90_000)
  needsMongo()

  describe('under concurrent calls', () => {
    let client: MongoClient
    let commands: { name: string; body: Record<string, unknown> }[] = []
    before(async () => {
      client = new MongoClient(await mongodb(), { monitorCommands: true })
      client.on('commandStarted', ({ commandName: name, command }) => commands.push({ name, body: command }))
    })
    after(async () => {
      await client.db('choreo-test-watched').dropDatabase()
      await client.close()
    })
    const watched = async <T>(work: () => Promise<T>): Promise<string[]> => {
      commands = []
      await work()
      return commands.map(({ name }) => name)
    }
    const collection = () => client.db('choreo-test-watched').collection(systemRandom.id())

    it('share one command of each kind among those of one moment', async () => {
      const store = mongoStore<State>(shop, collection())
      const blanks = Array.from({ length: 500 }, () => unknownOrder())
      expect(await watched(() => Promise.all(blanks.map(one => store.commit(one, { unsent: [] }))))).to.eql([
        'insert',
      ])
      const load = () => Promise.all(blanks.map(({ subject: orderId }) => store.load(orderId)))
      expect(await watched(load)).to.eql(['find'])
      const written = blanks.map(one => ({ ...one, version: 1 }))
      expect(await watched(() => Promise.all(written.map(one => store.commit(one, { token: 1 }))))).to.eql([
        'update',
      ])
      const clear = () =>
        Promise.all(blanks.map(({ subject: orderId }) => store.clearUnsent(orderId, [id(orderId, 1)])))
      expect(await watched(clear)).to.eql(['update'])
    })

    it('keep at most two commands of a kind in flight, of at most 512 each', async () => {
      const store = mongoStore<State>(shop, collection())
      const blanks = Array.from({ length: 2_000 }, () => unknownOrder())
      expect(await watched(() => Promise.all(blanks.map(one => store.load(one.subject))))).to.have.length(4)
    })

    it('read many lots, and what is held of many SKUs, with one command each', async () => {
      const stock = await supplied(mongoStockStore(collection()), [3, 3, 3])
      const lots = () => Promise.all([0, 1, 2, 0].map(n => stock.lot({ sku: sku(n), lot: 1 })))
      expect(await watched(lots)).to.eql(['find'])
      expect(await watched(() => Promise.all([0, 1, 2, 0].map(n => stock.held(sku(n)))))).to.eql(['find'])
    })
  })

  it('ask for a majority and the journal whatever the connection string says', async () => {
    const url = new URL(await mongodb())
    url.searchParams.set('w', '1')
    url.searchParams.set('readConcernLevel', 'local')
    const mongo = connectMongo({ url: url.href.replace('?', '/?').replace('//?', '/?'), log: silentLog })
    const db = mongo.db('any')
    expect(db.writeConcern).to.deep.include({ w: 'majority', journal: true })
    expect(db.readConcern?.level).to.equal('majority')
    await mongo.close()
  })

  it('fail a write that has no stored form by itself, not with its neighbours', async () => {
    const store = mongoStore<State>(shop, freshCollection())
    const [good, bad, other] = [unknownOrder(), unknownOrder(), unknownOrder()]
    const poison = { state: { status: 'x', count: 0, 'nul\0': 1 } as State }
    const [first, second, third] = await Promise.allSettled([
      store.commit(good, { token: 1 }),
      store.commit(bad, poison),
      store.commit(other, { token: 1 }),
    ])
    expect([first, third].map(one => one?.status === 'fulfilled' && one.value)).to.eql([
      'committed',
      'committed',
    ])
    expect(second?.status === 'rejected' && second.reason).to.include({ code: 'document-refused' })
    expect(await store.load(bad.subject)).to.equal(undefined)
  })

  it('tell what the document can never hold from what the server is in no state to do', async () => {
    const collection = freshCollection()
    const store = mongoStore<State>(shop, collection)
    const blank = unknownOrder()
    await store.commit(blank, { token: 1 })
    await collection.updateOne({ _id: blank.subject as never }, { $set: { events: 'damaged' } })
    const damaged = { ...blank, version: 1 }
    const event = { id: id(blank.subject, 1), type: 'x' } as never
    const [refused, committed] = await Promise.allSettled([
      store.commit(damaged, { events: [event] }),
      store.commit(unknownOrder(), { token: 1 }),
    ])
    expect(refused?.status === 'rejected' && refused.reason)
      .to.be.an('error')
      .and.include({ code: 'document-refused', retry: 'never' })
    expect(committed).to.deep.equal({ status: 'fulfilled', value: 'committed' })
  })

  it('refuse a connection string that is none, without quoting it', () => {
    const attempt = () => connectMongo({ url: 'mongodb://user:secret@/[', log: silentLog })
    expect(attempt)
      .to.throw(/config-invalid/)
      .and.satisfy((error: unknown) => !inspect(error).includes('secret'))
  })

  it('say that an unreachable server is unavailable, and keep the password to themselves', async () => {
    const lines: unknown[] = []
    const note = (...line: unknown[]) => void lines.push(line)
    const url = 'mongodb://user:secret@127.0.0.1:1/?serverSelectionTimeoutMS=300'
    const mongo = connectMongo({ url, log: { info: note, warn: note, error: note } })
    const store = mongoStore<State>(shop, mongo.db('any').collection('orders'))
    const calls = [
      mongo.ping(),
      store.load(unknownOrder().subject),
      store.commit(unknownOrder(), {}),
      store.commit({ ...unknownOrder(), version: 1 }, {}),
      store.clearUnsent(unknownOrder().subject, [id(unknownOrder().subject, 1)]),
      store.unsent({ limit: 1 }),
      store.due(1, 1),
      ensureDocumentIndexes(mongo.db('any').collection('orders')),
    ]
    const errors = await Promise.all(calls.map(call => call.catch((error: unknown) => error)))
    for (const error of errors) expect(hasCode(error, 'store-unavailable'), inspect(error)).to.equal(true)
    expect(inspect([errors, lines], { depth: 20 })).not.to.include('secret')
    await mongo.close()
    expect(await outcomeOf(store.load(unknownOrder().subject))).to.equal('store-unavailable')
  })

  it('give up waiting for an answer that never comes, and let it be', async () => {
    const clock = manualClock()
    const never = outcomeOf(answered(new Promise(() => {}), clock))
    let fail = (_: Error) => {}
    const late = outcomeOf(answered(new Promise((_, reject) => (fail = reject)), clock))
    await clock.advance(15_000)
    expect(await Promise.all([never, late])).to.eql(['store-unavailable', 'store-unavailable'])
    fail(new Error('nobody listens'))
  })

  describe('when the server or the way to it breaks', () => {
    const folder = mkdtempSync(join(tmpdir(), 'choreo-mongo-'))
    let server: MongoDb
    let proxy: Awaited<ReturnType<typeof proxyTo>>
    let mongo: Mongo
    before(async () => {
      server = await startMongoDb({ folder, log: silentLog, program: 'embedded' })
      proxy = await proxyTo(server.port)
      const url = `mongodb://127.0.0.1:${proxy.port}/?directConnection=true&serverSelectionTimeoutMS=500`
      mongo = connectMongo({ url, log: silentLog })
    })
    after(async () => {
      await mongo.close()
      proxy.close()
      await server.kill()
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    })
    const fresh = () => mongoStore<State>(shop, mongo.db('test').collection(systemRandom.id()))
    /** On a busy machine the driver takes longer than its half second to find the server again. */
    const reached = (store: ReturnType<typeof fresh>) =>
      waitUntil('the store', () => store.load(unknownOrder().subject).then(() => true), {
        deadlineMs: 20_000,
      })

    for (const version of [0, 1])
      it(`a ${version === 0 ? 'first' : 'later'} write whose answer is lost is unknown, and a second look finds it`, async () => {
        const store = fresh()
        const blanks = Array.from({ length: 5 }, () => unknownOrder())
        await reached(store)
        if (version === 1) await Promise.all(blanks.map(one => store.commit(one, {})))
        proxy.loseAnswers()
        const write = (one: (typeof blanks)[number]) => store.commit({ ...one, version }, { token: 7 })
        const outcomes = await Promise.all(blanks.map(one => outcomeOf(write(one))))
        proxy.mend()
        await reached(store)
        expect(outcomes).to.eql(blanks.map(() => 'store-unavailable'))
        const found = await Promise.all(blanks.map(({ subject: orderId }) => store.load(orderId)))
        expect(found.map(document => document?.token)).to.eql(blanks.map(() => 7))
        expect(await outcomeOf(write(unknownOrder()))).to.equal(version === 0 ? 'committed' : 'conflict')
      })

    it('calls fail as unavailable while the server is gone, and work again when it is back', async () => {
      const store = fresh()
      const blank = unknownOrder()
      await store.commit(blank, { token: 1 })
      await server.kill()
      const calls = [store.load(blank.subject), store.commit({ ...blank, version: 1 }, { token: 2 })]
      expect(await Promise.all(calls.map(outcomeOf))).to.eql(['store-unavailable', 'store-unavailable'])
      server = await startMongoDb({ folder, log: silentLog, program: 'embedded' })
      await waitUntil('the store', async () => (await store.load(blank.subject))?.token === 1, {
        deadlineMs: 20_000,
      })
      expect(await store.commit({ ...blank, version: 1 }, { token: 2 })).to.equal('committed')
    })
  })
})
