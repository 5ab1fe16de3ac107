import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { MongoClient } from 'mongodb'
import { insert } from '../../local/mongodb/collection.ts'
import { decode, encode } from '../../local/mongodb/document.ts'
import { readFrames } from '../../local/mongodb/frames.ts'
import { startEmbeddedMongo } from '../../local/mongodb/server.ts'
import { openStorage, type Storage } from '../../local/mongodb/storage.ts'
import type { Doc, Value } from '../../local/mongodb/value.ts'
import { hasCode } from '../../shared/runtime/errors.ts'
import { silentLog } from '../../shared/runtime/log.ts'
import { refusalOf, temporaryFolder } from './targets.ts'

const doc = (fields: Record<string, Value>): Doc => new Map(Object.entries(fields))
const ns = 'test.c'

const contents = ({ state }: Storage): unknown[] =>
  [...(state.collections.get(ns)?.documents.values() ?? [])].map(({ raw }) => Object.fromEntries(decode(raw)))

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

const write = async (storage: Storage, document: Doc): Promise<void> => {
  insert(storage.state.collection(ns), document)
  await storage.flushed()
}

describe('the journal of the embedded MongoDB server', () => {
  const root = temporaryFolder()
  let copies = 0
  const copyOf = (folder: string): string => {
    const copy = join(root(), `copy-${copies++}`)
    cpSync(folder, copy, { recursive: true })
    return copy
  }
  const journalIn = (folder: string) => join(folder, 'journal-000001')

  // Every write is acknowledged by itself; `ends` says how long the journal was when it was.
  const written = async (documents: Doc[]): Promise<{ folder: string; ends: number[] }> => {
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
  const documents = [1, 2, 3, 4, 5].map(n => doc({ _id: `id-${n}`, n, text: 'x'.repeat(n * 3) }))
  const first = (count: number) => documents.slice(0, count).map(document => Object.fromEntries(document))

  it('holds every write that was acknowledged, wherever its end is cut off', async () => {
    const { folder, ends } = await written(documents)
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
    const { folder, ends } = await written(documents)
    truncateSync(journalIn(folder), (ends[3] ?? 0) + 5)
    await opened(folder, storage => write(storage, doc({ _id: 'after' })))
    expect(await opened(folder, contents)).to.deep.equal([...first(4), { _id: 'after' }])
  })

  it('drops a last write of which any byte is wrong', async () => {
    const { folder, ends } = await written(documents)
    for (let at = ends[3] ?? 0; at < (ends[4] ?? 0); at += 1) {
      const copy = copyOf(folder)
      flip(journalIn(copy), at)
      expect(await opened(copy, contents), `byte ${at}`).to.deep.equal(first(4))
    }
  })

  it('refuses to start when a byte before the last write is wrong, for what was acknowledged is damaged', async () => {
    const { folder, ends } = await written(documents)
    for (let at = ends[2] ?? 0; at < (ends[3] ?? 0); at += 1) {
      const copy = copyOf(folder)
      flip(journalIn(copy), at)
      const before = readFileSync(journalIn(copy))
      const error = await refusalOf(openStorage(copy, silentLog))
      expect(hasCode(error, 'data-damaged'), `byte ${at}`).to.equal(true)
      expect(readFileSync(journalIn(copy)).equals(before), 'nothing is cut off').to.equal(true)
    }
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
  const read = (folder: string) =>
    withClient(folder, async client => ({
      documents: await client.db('a').collection('c').find().sort({ _id: 1 }).toArray(),
      indexes: await client.db('a').collection('c').indexes(),
      collections: (await client.db('a').listCollections().toArray()).map(({ name }) => name).sort(),
    }))

  it('keeps documents, indexes and empty collections, and the folder small', async () => {
    const folder = freshFolder()
    await withClient(folder, async client => {
      const collection = client.db('a').collection<{ _id: number }>('c')
      await collection.createIndex({ n: 1 }, { unique: true, partialFilterExpression: { n: { $gt: 0 } } })
      await client.db('a').collection('empty').insertOne({ a: 1 })
      await client.db('a').collection('empty').deleteMany({})
      await client.db('a').collection('dropped').insertOne({ a: 1 })
      await client.db('a').dropCollection('dropped')
      for (let round = 0; round < 40; round += 1) {
        const text = `${round}`.repeat(200)
        const update = { $set: { text }, $max: { n: 0 } }
        const operations = Array.from({ length: 20 }, (_, _id) => ({
          updateOne: { filter: { _id }, update: { ...update, $set: { text, n: _id } }, upsert: true },
        }))
        await collection.bulkWrite(
          operations.map(({ updateOne }) => ({
            updateOne: { ...updateOne, update: { $set: updateOne.update.$set } },
          })),
        )
      }
    })
    expect(readdirSync(folder).filter(name => name.startsWith('snapshot'))).to.have.length(1)
    const size = readdirSync(folder).reduce((sum, name) => sum + readFileSync(join(folder, name)).length, 0)
    expect(size).to.be.below(100_000)
    const { documents, indexes, collections } = await read(folder)
    expect(documents.map(({ _id, n, text }) => [_id, n, text])).to.deep.equal(
      Array.from({ length: 20 }, (_, n) => [n, n, '39'.repeat(200)]),
    )
    expect(indexes[1]).to.deep.include({ unique: true, partialFilterExpression: { n: { $gt: 0 } } })
    expect(collections).to.deep.equal(['c', 'empty'])
  })

  const filled = async (): Promise<string> => {
    const folder = freshFolder()
    await opened(folder, async storage => {
      for (let n = 0; n < 5; n += 1) await write(storage, doc({ _id: n }))
    })
    return folder
  }
  const ids = async (folder: string) =>
    (await opened(folder, contents)).map(document => (document as { _id: number })._id)

  it('that was cut short before its snapshot was whole loses nothing', async () => {
    const folder = await filled()
    const later = await filled()
    cpSync(join(later, 'journal-000001'), join(folder, 'journal-000002'))
    writeFileSync(join(folder, 'snapshot-000002.new'), 'half of a snaps')
    expect((await ids(folder)).sort()).to.deep.equal([0, 1, 2, 3, 4])
    expect(existsSync(join(folder, 'snapshot-000002.new'))).to.equal(false)
  })

  it('that was cut short before the old files were removed reads the new ones alone', async () => {
    const folder = await filled()
    cpSync(join(folder, 'journal-000001'), join(folder, 'snapshot-000002'))
    writeFileSync(join(folder, 'journal-000001'), 'damaged, but nobody needs it any more')
    writeFileSync(join(folder, 'journal-000002'), '')
    expect(await ids(folder)).to.deep.equal([0, 1, 2, 3, 4])
    expect(readdirSync(folder).sort()).to.deep.equal(['journal-000002', 'snapshot-000002'])
  })

  it('refuses a damaged snapshot, and a torn end in any journal but the last', async () => {
    const snapshot = await filled()
    cpSync(join(snapshot, 'journal-000001'), join(snapshot, 'snapshot-000002'))
    flip(join(snapshot, 'snapshot-000002'), 30)
    expect(hasCode(await refusalOf(openStorage(snapshot, silentLog)), 'data-damaged')).to.equal(true)
    const journal = await filled()
    cpSync(join(journal, 'journal-000001'), join(journal, 'journal-000002'))
    truncateSync(join(journal, 'journal-000001'), readFileSync(join(journal, 'journal-000001')).length - 1)
    expect(hasCode(await refusalOf(openStorage(journal, silentLog)), 'data-damaged')).to.equal(true)
  })

  it('happens while writes go on, and each of them is kept', async () => {
    const folder = freshFolder()
    await withClient(folder, async client => {
      const collection = client.db('a').collection<{ _id: number; n: number }>('c')
      const caller = async (_id: number) => {
        for (let n = 1; n <= 60; n += 1)
          await collection.updateOne({ _id }, { $set: { n, text: 'x'.repeat(300) } }, { upsert: true })
      }
      await Promise.all(Array.from({ length: 10 }, (_, id) => caller(id)))
    })
    const { documents } = await read(folder)
    expect(documents.map(({ _id, n }) => [_id, n])).to.deep.equal(
      Array.from({ length: 10 }, (_, id) => [id, 60]),
    )
  })

  it('is the same in memory and on disk: frames hold what was written', async () => {
    const folder = await filled()
    const bodies: unknown[] = []
    readFrames(join(folder, 'journal-000001'), ({ op, body }) => {
      if (op === 'put') bodies.push(encode(decode(body)).equals(body))
    })
    expect(bodies).to.deep.equal([true, true, true, true, true])
  })
})
