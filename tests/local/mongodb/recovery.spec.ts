import { cpSync, existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deserialize, serialize } from 'bson'
import { expect } from 'chai'
import { type Collection, MongoClient } from 'mongodb'
import { spanOf } from '../../../local/mongodb/bson/document.ts'
import type { Stored } from '../../../local/mongodb/query/indexes.ts'
import { startEmbeddedMongo } from '../../../local/mongodb/server.ts'
import { bytesOf, everyDocument, insert, update } from '../../../local/mongodb/storage/collection.ts'
import { Records } from '../../../local/mongodb/storage/records.ts'
import { openStorage, type Storage } from '../../../local/mongodb/storage/storage.ts'
import { parseUpdate } from '../../../local/mongodb/update/update.ts'
import { hasCode } from '../../../shared/runtime/errors.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { refusalOf, temporaryFolder } from './targets.ts'

const ns = 'test.c'
type Numbered = { _id: number; n: number; text: string }

const contents = ({ collection }: Storage): unknown[] =>
  everyDocument(collection(ns)).map(stored => deserialize(bytesOf(stored)))

const opened = async <Result>(
  folder: string,
  use: (storage: Storage) => Promise<Result> | Result,
): Promise<Result> => {
  const storage = await openStorage(folder, silentLog)
  try {
    return await use(storage)
  } finally {
    await storage.close()
  }
}

const write = async (storage: Storage, document: object): Promise<void> => {
  insert(storage.collection(ns), spanOf(Buffer.from(serialize(document))))
  await storage.journal.flushed()
}

describe('the journal of the embedded MongoDB server', () => {
  const root = temporaryFolder()
  let copies = 0
  const copyOf = (folder: string): string => {
    const copy = join(root(), `copy-${copies++}`)
    cpSync(folder, copy, { recursive: true })
    return copy
  }
  const journalIn = (folder: string) => join(folder, 'journal')

  // Every write is acknowledged by itself; `ends` says how long the journal was when it was.
  const written = async (documents: object[]): Promise<{ folder: string; ends: number[] }> => {
    const folder = join(root(), `origin-${copies++}`)
    mkdirSync(folder)
    const ends: number[] = []
    await opened(folder, async storage => {
      for (const document of documents) {
        await write(storage, document)
        ends.push(readFileSync(journalIn(folder)).length)
      }
    })
    return { folder, ends }
  }
  // The fourth and the last are deflated.
  const plain = [1, 2, 3, 4, 5].map(n => ({ _id: `id-${n}`, n, text: 'x'.repeat(n < 4 ? n * 3 : n * 600) }))
  const first = (count: number) => plain.slice(0, count)

  it('holds every write that was acknowledged, wherever its end is cut off', async () => {
    const { folder, ends } = await written(plain)
    const whole = ends.at(-1) ?? 0
    for (let length = ends[1] ?? 0; length <= whole; length += 1) {
      const copy = copyOf(folder)
      truncateSync(journalIn(copy), length)
      const acknowledged = ends.filter(end => end <= length).length
      expect(await opened(copy, contents), `cut at ${length}`).to.deep.equal(first(acknowledged))
      expect(readFileSync(journalIn(copy)).length, 'the torn end is gone').to.equal(ends[acknowledged - 1])
    }
  })

  it('goes on after a torn end', async () => {
    const { folder, ends } = await written(plain)
    truncateSync(journalIn(folder), (ends[3] ?? 0) + 5)
    await opened(folder, storage => write(storage, { _id: 'after' }))
    expect(await opened(folder, contents)).to.deep.equal([{ _id: 'after' }, ...first(4)])
  })

  it('drops a last write of which any byte is wrong', async () => {
    const { folder, ends } = await written(plain)
    for (let at = ends[3] ?? 0; at < (ends[4] ?? 0); at += 1) {
      const copy = copyOf(folder)
      flip(journalIn(copy), at)
      expect(await opened(copy, contents), `byte ${at}`).to.deep.equal(first(4))
    }
  })

  it('refuses to start when a byte before the last write is wrong, for what was acknowledged is damaged', async () => {
    const { folder, ends } = await written(plain)
    for (let at = ends[2] ?? 0; at < (ends[3] ?? 0); at += 1) {
      const copy = copyOf(folder)
      flip(journalIn(copy), at)
      const before = readFileSync(journalIn(copy))
      const error = await refusalOf(openStorage(copy, silentLog))
      expect(hasCode(error, 'data-damaged'), `byte ${at}`).to.equal(true)
      expect(readFileSync(journalIn(copy)).equals(before), 'nothing is cut off').to.equal(true)
    }
  })

  it('holds what an update changes, not the document', async () => {
    const { folder, ends } = await written([{ _id: 1, n: 0, text: 'x'.repeat(100_000) }])
    await opened(folder, async storage => {
      const [stored] = everyDocument(storage.collection(ns)) as [Stored]
      for (let n = 1; n <= 100; n += 1)
        update(storage.collection(ns), stored, parseUpdate(spanOf(Buffer.from(serialize({ $set: { n } })))))
      await storage.journal.flushed()
    })
    expect(statSync(journalIn(folder)).size - (ends[0] ?? 0)).to.be.below(5_000)
    expect(await opened(folder, contents)).to.deep.equal([{ _id: 1, n: 100, text: 'x'.repeat(100_000) }])
  })

  it('of an older form is refused, and nothing of it is cut off', async () => {
    const { folder } = await written(plain)
    const older = readFileSync(journalIn(folder))
    older.write('CHJ2')
    writeFileSync(journalIn(folder), older)
    const error = await refusalOf(openStorage(folder, silentLog))
    expect(hasCode(error, 'backend-mismatch')).to.equal(true)
    expect(String(error.message)).to.include('older embedded MongoDB server')
    expect(readFileSync(journalIn(folder)).equals(older)).to.equal(true)
  })

  it('with a sound frame that cannot be applied is refused', async () => {
    const { folder } = await written([])
    const records = new Records()
    records.put(7, 1, Buffer.from(serialize({ _id: 1 })), 0)
    writeFileSync(journalIn(folder), records.frame())
    expect(hasCode(await refusalOf(openStorage(folder, silentLog)), 'data-damaged')).to.equal(true)
  })

  it('starts on an empty journal and on a folder without one', async () => {
    const { folder } = await written([])
    expect(await opened(folder, contents)).to.deep.equal([])
    truncateSync(journalIn(folder), 0)
    expect(await opened(folder, contents)).to.deep.equal([])
  })
})

const flip = (file: string, at: number): void => {
  const bytes = readFileSync(file)
  bytes[at] = (bytes[at] ?? 0) ^ 0x5a
  writeFileSync(file, bytes)
}

describe('compaction of the embedded MongoDB server', () => {
  const root = temporaryFolder()
  let folders = 0
  const freshFolder = () => {
    const folder = join(root(), `folder-${folders++}`)
    mkdirSync(folder)
    return folder
  }
  const serve = async <Result>(folder: string, use: (url: string) => Promise<Result>): Promise<Result> => {
    const server = await startEmbeddedMongo({ folder, port: 0, log: silentLog, compactAbove: 20_000 })
    try {
      return await use(`mongodb://127.0.0.1:${server.port}`)
    } finally {
      await server.stop()
    }
  }
  const withClient = <Result>(
    folder: string,
    use: (client: MongoClient) => Promise<Result>,
  ): Promise<Result> =>
    serve(folder, async url => {
      const client = await new MongoClient(url).connect()
      try {
        return await use(client)
      } finally {
        await client.close()
      }
    })
  const withCollection = <Result>(
    folder: string,
    use: (collection: Collection<Numbered>) => Promise<Result>,
  ) => withClient(folder, client => use(client.db('a').collection<Numbered>('c')))
  const read = (folder: string) =>
    withCollection(folder, collection => collection.find().sort({ _id: 1 }).toArray())

  it('keeps documents and indexes, forgets what was dropped, and keeps the folder small', async () => {
    const folder = freshFolder()
    await withClient(folder, async client => {
      const collection = client.db('a').collection<Numbered>('c')
      await collection.createIndex({ n: 1 }, { unique: true, partialFilterExpression: { n: { $gt: 0 } } })
      await client.db('b').collection('dropped').insertOne({ a: 1 })
      await client.db('b').dropDatabase()
      for (let round = 0; round < 40; round += 1) {
        const set = (n: number) => ({ $set: { n, text: `${round}`.repeat(200) } })
        const operations = Array.from({ length: 20 }, (_, _id) => ({
          updateOne: { filter: { _id }, update: set(_id), upsert: true },
        }))
        await collection.bulkWrite(operations)
      }
    })
    expect(statSync(join(folder, 'journal')).size).to.be.below(50_000)
    const expected = Array.from({ length: 20 }, (_, n) => ({ _id: n, n, text: '39'.repeat(200) }))
    expect(await read(folder)).to.deep.equal(expected)
    await withClient(folder, async client => {
      const collection = client.db('a').collection<Numbered>('c')
      const taken = await refusalOf(collection.insertOne({ _id: 99, n: 7, text: '' }))
      expect(taken).to.include({ code: 11000 })
      expect(taken.keyPattern).to.deep.equal({ n: 1 })
      expect(await client.db('b').collection('dropped').find().toArray()).to.deep.equal([])
    })
  })

  it('that was cut short leaves a part of a journal that nobody reads', async () => {
    const folder = freshFolder()
    await opened(folder, async storage => {
      for (let n = 0; n < 5; n += 1) await write(storage, { _id: n })
    })
    const whole = readFileSync(join(folder, 'journal'))
    for (const part of [whole.subarray(0, 100), whole.subarray(0, 20), Buffer.alloc(0)]) {
      writeFileSync(join(folder, 'journal.new'), part)
      expect(await opened(folder, contents)).to.deep.equal([0, 1, 2, 3, 4].map(_id => ({ _id })))
      expect(existsSync(join(folder, 'journal.new'))).to.equal(false)
    }
  })

  it('happens while writes go on, and each of them is kept', async () => {
    const folder = freshFolder()
    await withCollection(folder, async collection => {
      const caller = async (_id: number) => {
        for (let n = 1; n <= 60; n += 1)
          await collection.updateOne({ _id }, { $set: { n, text: 'x'.repeat(300) } }, { upsert: true })
      }
      await Promise.all(Array.from({ length: 10 }, (_, id) => caller(id)))
    })
    expect((await read(folder)).map(({ _id, n }) => [_id, n])).to.deep.equal(
      Array.from({ length: 10 }, (_, id) => [id, 60]),
    )
  })
})
