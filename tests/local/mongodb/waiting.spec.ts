import { deserialize } from 'bson'
import { expect } from 'chai'
import { docOf } from '../../../local/mongodb/bson/document.ts'
import { room } from '../../../local/mongodb/protocol/answer.ts'
import { execute } from '../../../local/mongodb/protocol/commands.ts'
import { openStorage, type Storage } from '../../../local/mongodb/storage/storage.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'
import { temporaryFolder } from './targets.ts'

describe('an answer of the embedded MongoDB server waits for the disk', () => {
  const folder = temporaryFolder()
  let storage: Storage
  beforeEach(async () => {
    storage = await openStorage(folder(), silentLog)
    run({ drop: 'c' })
    run({ insert: 'c', documents: [{ _id: 'old', n: 1 }] })
    await storage.journal.flushed()
    run({ insert: 'c', documents: [{ _id: 'new', n: 1 }] })
  })
  afterEach(() => storage.close())

  const run = (command: object) => {
    const { answer, waitsFor } = execute(storage, () => docOf({ ...command, $db: 'a' }))
    const { ok, n, cursor } = deserialize(Buffer.from(answer.subarray(room)))
    return { ok, n, waitsFor, ids: cursor?.firstBatch.map(({ _id }: { _id: string }) => _id) }
  }
  const waits = (command: object): boolean => {
    const state = { waits: true }
    storage.journal.whenFlushed(run(command).waitsFor, () => {
      state.waits = false
    })
    return state.waits
  }

  const cases: [title: string, command: object, waits: boolean][] = [
    ['a write', { update: 'c', updates: [{ q: { _id: 'old' }, u: { $set: { n: 2 } } }] }, true],
    [
      'a write that finds nothing',
      { update: 'c', updates: [{ q: { _id: 'none' }, u: { $set: { n: 2 } } }] },
      true,
    ],
    ['a write that is refused', { insert: 'c', documents: [{ _id: 'new' }] }, true],
    [
      'a find of a document that is not on disk',
      { find: 'c', filter: { _id: { $in: ['old', 'new'] } } },
      true,
    ],
    ['a find of documents that are', { find: 'c', filter: { _id: 'old' } }, false],
    ['a find of a document that is not there', { find: 'c', filter: { _id: 'none' } }, false],
    ['a find by anything else, which a change may have hidden', { find: 'c', filter: { n: 2 } }, true],
    ['a find by _id and something else', { find: 'c', filter: { _id: 'old', n: 1 } }, true],
    ['a find in another collection', { find: 'd', filter: { n: 2 } }, false],
    ['a count', { count: 'c', query: { n: 1 } }, true],
    ['a count in another collection', { count: 'd' }, false],
    ['a ping', { ping: 1 }, false],
    ['a command that is not known', { foo: 1 }, true],
  ]
  for (const [title, command, expected] of cases)
    it(`${title}: ${expected}`, () => {
      expect(waits(command)).to.equal(expected)
    })

  it('so that nobody hears of a drop that may still be undone', () => {
    run({ drop: 'c' })
    expect(run({ find: 'c', filter: { _id: 'old' } }).ids).to.deep.equal([])
    expect(waits({ find: 'c', filter: { _id: 'old' } })).to.equal(true)
  })

  it('and no longer', async () => {
    const { ids, waitsFor } = run({ find: 'c', filter: { _id: { $in: ['old', 'new'] } } })
    expect(ids).to.deep.equal(['new', 'old'])
    await new Promise<void>((resolve, reject) => {
      storage.journal.whenFlushed(waitsFor, error => (error ? reject(error) : resolve()))
    })
    expect(waits({ find: 'c', filter: {} })).to.equal(false)
  })
})
