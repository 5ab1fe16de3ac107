import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Collection, MongoClient, MongoError } from 'mongodb'
import { endServers, type ServerProcess, startProcess } from './server-process.ts'

type Counted = { _id: string; n: number; text: string }

describe('the embedded MongoDB server as a process', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'choreo-mongodb-'))
  })
  afterEach(() => {
    endServers()
    rmSync(folder, { recursive: true, force: true })
  })

  const connect = (url: string) =>
    new MongoClient(url, {
      serverSelectionTimeoutMS: 2_000,
      writeConcern: { w: 'majority', journal: true },
    }).connect()

  type Acknowledged = Map<string, number>

  // True when the server acknowledged the next number for the id, false when it is gone. The driver leaves a
  // call without an answer that it writes in the moment in which the connection closes, so the end of the
  // process decides too.
  const countUp = (
    server: ServerProcess,
    collection: Collection<Counted>,
    _id: string,
    acknowledged: Acknowledged,
  ) => {
    const n = (acknowledged.get(_id) ?? 0) + 1
    const update = { $set: { n, text: String.fromCharCode(97 + (n % 26)).repeat(2_000) } }
    const written = collection.updateOne({ _id }, update, { upsert: true }).then(
      () => {
        acknowledged.set(_id, n)
        return true
      },
      error => {
        if (error instanceof MongoError) return false
        throw error
      },
    )
    return Promise.race([written, server.ended.then(() => false)])
  }

  // Writes until the server is gone; what it acknowledged is what must be there afterwards.
  const writeUntilGone = async (
    server: ServerProcess,
    round: number,
    acknowledged: Acknowledged,
    enough: () => void,
  ) => {
    const client = await connect(server.url)
    const collection = client.db('a').collection<Counted>('c')
    let done = 0
    const writer = async (k: number) => {
      for (let n = 1; await countUp(server, collection, `${round}-${k}-${n % 5}`, acknowledged); n += 1) {
        done += 1
        if (done === 200 * round) enough()
        if (done > 10_000) throw new Error('the server should have been gone long ago')
      }
    }
    await Promise.all(Array.from({ length: 20 }, (_, k) => writer(k)))
    void client.close()
  }

  it('keeps every acknowledged write through kill -9, several times over', async function () {
    this.timeout(60_000)
    const acknowledged = new Map<string, number>()
    for (let round = 1; round <= 4; round += 1) {
      const server = await startProcess(folder)
      await writeUntilGone(server, round, acknowledged, () => server.kill('SIGKILL'))
      expect(await server.ended).to.equal(null)
    }
    const server = await startProcess(folder)
    const client = await connect(server.url)
    const stored = await client.db('a').collection<Counted>('c').find().toArray()
    const numbers = new Map(stored.map(({ _id, n }) => [_id, n]))
    expect(stored.every(({ text }) => text.length === 2_000)).to.equal(true)
    for (const [id, n] of acknowledged) {
      // A write that was under way may have been stored without its answer.
      expect(numbers.get(id), id).to.be.within(n, n + 1)
    }
    await client.close()
    server.kill('SIGTERM')
    expect(await server.ended).to.equal(0)
  })

  it('ends, and answers nothing any more, when the disk refuses a write', async function () {
    this.timeout(30_000)
    const server = await startProcess(folder, 400)
    const acknowledged = new Map<string, number>()
    await writeUntilGone(server, 1, acknowledged, () => {})
    expect(await server.ended).to.equal(1)
    const again = await startProcess(folder)
    const client = await connect(again.url)
    for (const [id, n] of acknowledged) {
      const stored = await client.db('a').collection<Counted>('c').findOne({ _id: id })
      expect(stored?.n, id).to.be.within(n, n + 1)
    }
    await client.close()
    again.kill('SIGKILL')
  })

  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    it(`says that it is for development only, and ends with 0 on ${signal} after its last write`, async () => {
      const server = await startProcess(folder)
      expect(server.ready.message).to.include('for development and tests only')
      const client = await connect(server.url)
      const inserted = client.db('a').collection<Counted>('c').insertOne({ _id: 'x', n: 1, text: '' })
      await inserted
      server.kill(signal)
      expect(await server.ended).to.equal(0)
      await client.close()
      const again = await startProcess(folder)
      const reader = await connect(again.url)
      expect(await reader.db('a').collection('c').find().toArray()).to.have.length(1)
      await reader.close()
      again.kill('SIGTERM')
      await again.ended
    })
})
