import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { deserialize, serialize } from 'bson'
import { expect } from 'chai'
import { type Span, spanOf } from '../../../local/mongodb/bson/document.ts'
import type { Stored } from '../../../local/mongodb/query/indexes.ts'
import { bytesOf, everyDocument, insert, update } from '../../../local/mongodb/storage/collection.ts'
import { openStorage, type Storage } from '../../../local/mongodb/storage/storage.ts'
import { parseUpdate } from '../../../local/mongodb/update/update.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { temporaryFolder } from './targets.ts'

const documents = 600
const span = (fields: object): Span => spanOf(Buffer.from(serialize(fields)))
// Text that hardly gets smaller when it is deflated.
const noise = (seed: string) =>
  Array.from({ length: 60 }, (_, i) => createHash('sha512').update(`${seed}:${i}`).digest('base64')).join('')
const given = (_id: number) => ({ _id, n: 0, text: noise(`${_id}`), list: [] as number[] })

describe('a compaction that goes on while documents change', function () {
  this.timeout(120_000)
  const root = temporaryFolder()
  const opened = (folder: string) => openStorage(folder, silentLog, 100_000)
  const contents = (storage: Storage, ns = 'a.c') =>
    everyDocument(storage.collection(ns)).map(stored => deserialize(bytesOf(stored)))
  const isCompacting = (folder: string) => existsSync(join(folder, 'journal.new'))

  const copied = (folder: string) =>
    statSync(join(folder, 'journal.new'), { throwIfNoEntry: false })?.size ?? 0

  // A storage whose journal holds several times what is stored, so that its next write begins a compaction of
  // many pieces.
  const overgrown = async () => {
    const folder = mkdtempSync(join(root(), 'f-'))
    const storage = await openStorage(folder, silentLog)
    const collection = storage.collection('a.c')
    for (let n = 0; n < documents; n += 1) insert(collection, span(given(n)))
    for (const stored of everyDocument(collection))
      for (const text of [noise(`x${stored.number}`), noise(`y${stored.number}`), given(stored.number).text])
        update(collection, stored, parseUpdate(span({ $set: { text } })))
    await storage.close()
    return folder
  }

  const step = (storage: Storage, stored: Stored, n: number) =>
    update(
      storage.collection('a.c'),
      stored,
      parseUpdate(span({ $set: { n }, $push: { list: { $each: [n] } } })),
    )

  // Changes documents all over the collection, without waiting for the disk, until a compaction has come and
  // gone.
  const changeThroughCompaction = async (
    storage: Storage,
    folder: string,
    each: (round: number, compacting: boolean) => void,
  ) => {
    const all = everyDocument(storage.collection('a.c'))
    let [compacting, turn] = [false, 0]
    for (let round = 1; !compacting || isCompacting(folder); round += 1) {
      compacting ||= isCompacting(folder)
      for (let k = 0; k < 20; k += 1, turn += 1) {
        const stored = all[(turn * 7) % all.length] as Stored
        if (storage.collections.has('a.c')) step(storage, stored, turn + 1)
      }
      each(round, compacting)
      await setImmediate()
    }
    await storage.journal.flushed()
  }

  it('keeps each change once, those of what is written already and those of what is not', async () => {
    const folder = await overgrown()
    const before = statSync(join(folder, 'journal')).size
    const storage = await opened(folder)
    await changeThroughCompaction(storage, folder, round =>
      insert(storage.collection('a.c'), span(given(documents + round))),
    )
    const expected = contents(storage)
    await storage.close()
    expect(statSync(join(folder, 'journal')).size).to.be.below(before / 2)
    const again = await opened(folder)
    expect(contents(again)).to.deep.equal(expected)
    await again.close()
  })

  it('leaves out what is dropped while it is copied', async () => {
    const folder = await overgrown()
    const storage = await opened(folder)
    await changeThroughCompaction(storage, folder, (round, compacting) => {
      insert(storage.collection('a.d'), span({ _id: round }))
      if (compacting && copied(folder) > 0) storage.drop('a.c')
    })
    const expected = contents(storage, 'a.d')
    await storage.close()
    const again = await opened(folder)
    expect(contents(again)).to.deep.equal([])
    expect(contents(again, 'a.d')).to.deep.equal(expected)
    await again.close()
  })

  it('forgets what is dropped in between, and keeps what comes under its name', async () => {
    const folder = await overgrown()
    const storage = await opened(folder)
    await changeThroughCompaction(storage, folder, round => {
      insert(storage.collection('a.d'), span({ _id: 'x', round, text: noise(`z${round}`) }))
      storage.drop('a.d')
      insert(storage.collection('a.d'), span({ _id: 'y', round }))
      if (round % 3 === 0) storage.drop('a.d')
    })
    const expected = ['a.c', 'a.d'].map(ns => contents(storage, ns))
    await storage.close()
    const again = await opened(folder)
    expect(['a.c', 'a.d'].map(ns => contents(again, ns))).to.deep.equal(expected)
    await again.close()
  })

  it('loses nothing that was on disk, at whatever moment the process dies', async () => {
    const folder = await overgrown()
    const storage = await opened(folder)
    const copies: { folder: string; acknowledged: number[] }[] = []
    const numbers = () => contents(storage).map(({ n }) => n as number)
    const die = () => {
      const copy = mkdtempSync(join(root(), 'died-'))
      cpSync(folder, copy, { recursive: true })
      copies.push({ folder: copy, acknowledged })
    }
    let acknowledged = numbers()
    await changeThroughCompaction(storage, folder, () => {
      const now = numbers()
      if (copies.length < 25) die()
      void storage.journal.flushed().then(() => {
        acknowledged = now
        if (copies.length < 25) die()
      })
    })
    die()
    await storage.close()
    for (const copy of copies) {
      const again = await opened(copy.folder)
      const there = contents(again).map(({ n }) => n as number)
      await again.close()
      expect(there).to.have.length(documents)
      for (const [at, n] of copy.acknowledged.entries()) expect(there[at], `document ${at}`).to.be.at.least(n)
    }
  })

  it('may be cut short by the end of the process, and nothing is lost', async () => {
    const folder = await overgrown()
    const storage = await opened(folder)
    const [stored] = everyDocument(storage.collection('a.c')) as [Stored]
    step(storage, stored, 1)
    await storage.journal.flushed()
    step(storage, stored, 2)
    const expected = contents(storage)
    await storage.close()
    const again = await opened(folder)
    expect(contents(again)).to.deep.equal(expected)
    await again.close()
  })
})
