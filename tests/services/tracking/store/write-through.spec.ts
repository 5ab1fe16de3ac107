import { expect } from 'chai'
import { memoryReadModels } from '../../../../services/tracking/store/memory-read-model.ts'
import type { ReadModel } from '../../../../services/tracking/store/read-model.ts'
import { writeThrough } from '../../../../services/tracking/store/write-through.ts'

type Note = {
  readonly orderId: string
  readonly version: number
  readonly newest: string
  readonly text: string
}
const note = (orderId: string, text: string, version = 0): Note => ({
  orderId,
  version,
  newest: orderId,
  text,
})

describe('a read model with a write-through cache', () => {
  const given = (size = 10) => {
    const store = memoryReadModels<Note>().model('notes')
    const read: string[] = []
    const watched: ReadModel<Note> = {
      ...store,
      load: ids => {
        read.push(...ids)
        return store.load(ids)
      },
    }
    return { store, read, cached: writeThrough(watched, size) }
  }

  it('gives what was saved through it without reading, with the version that the store gave it', async () => {
    const { store, read, cached } = given()
    expect(await cached.save([note('a', 'one'), note('b', 'two')])).to.deep.equal(['saved', 'saved'])
    expect(await cached.load(['b', 'a'])).to.deep.equal([note('b', 'two', 1), note('a', 'one', 1)])
    expect(read).to.deep.equal([])
    expect(await cached.save([note('a', 'three', 1)])).to.deep.equal(['saved'])
    expect(await cached.load(['a'])).to.deep.equal(await store.load(['a']))
  })

  it('reads only what it does not have, in the order that was asked for', async () => {
    const { store, read, cached } = given()
    await store.save([note('a', 'elsewhere')])
    await cached.save([note('b', 'here')])
    const found = await cached.load(['unknown', 'b', 'a'])
    expect(found).to.deep.equal([undefined, note('b', 'here', 1), note('a', 'elsewhere', 1)])
    expect(read).to.deep.equal(['unknown', 'a'])
  })

  it('meets a conflict when somebody else wrote meanwhile, and then reads what is there', async () => {
    const { store, cached } = given()
    await cached.save([note('a', 'mine')])
    await store.save([note('a', 'theirs', 1)])
    expect(await cached.save([note('a', 'mine again', 1)])).to.deep.equal(['conflict'])
    expect(await cached.load(['a'])).to.deep.equal([note('a', 'theirs', 2)])
  })

  it('forgets what nobody knows to be saved', async () => {
    const { store } = given()
    let away = false
    const save: typeof store.save = async documents => {
      const outcomes = await store.save(documents)
      if (away) throw new Error('the answer is lost')
      return outcomes
    }
    const cached = writeThrough({ ...store, save }, 10)
    await cached.save([note('a', 'one')])
    away = true
    expect(await cached.save([note('a', 'two', 1)]).catch(() => 'failed')).to.equal('failed')
    expect(await cached.load(['a'])).to.deep.equal([note('a', 'two', 2)])
  })

  it('keeps the documents that were saved last, and no more than it may', async () => {
    const { read, cached } = given(2)
    for (const id of ['a', 'b']) await cached.save([note(id, id)])
    await cached.save([note('a', 'again', 1)])
    await cached.save([note('c', 'c')])
    await cached.load(['a', 'b', 'c'])
    expect(read).to.deep.equal(['b'])
  })
})
