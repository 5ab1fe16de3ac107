import { expect } from 'chai'
import type { Collection } from 'mongodb'
import { mongoReadModels } from '../../../../services/tracking/store/mongo-read-model.ts'
import { systemRandom } from '../../../../shared/runtime/random.ts'
import { needsMongo, testDatabase } from '../../../storage/adapters.ts'

type Note = {
  readonly orderId: string
  readonly version: number
  readonly newest: string
  readonly status: string
  readonly last?: { readonly at: string }
  readonly lines: readonly { readonly n: number }[]
}
type Stored = { _id: string; version: number } & Record<string, unknown>

describe('a document of a read model in mongodb', () => {
  needsMongo()
  const name = `notes-${systemRandom.id()}`
  const given = () => {
    const database = testDatabase()
    const stored = database.collection(name) as unknown as Collection<Stored>
    return { stored, model: mongoReadModels<Note>(database, [['newest'], ['status', 'newest']]).model(name) }
  }
  const lines = [{ n: 1 }, { n: 2.5 }]

  it('has fields for what is asked for, and one text for all else', async () => {
    const { stored, model } = given()
    const note: Note = { orderId: 'a', version: 0, newest: '1', status: 'open', lines }
    expect(await model.save([note])).to.deep.equal(['saved'])
    expect(await stored.findOne({ _id: 'a' })).to.deep.equal({
      ...{ _id: 'a', version: 1, newest: '1', status: 'open' },
      rest: JSON.stringify({ lines }),
    })
    expect(await model.load(['a'])).to.deep.equal([{ ...note, version: 1 }])
  })

  it('is read also in the form of a release that kept everything as fields, and is then written in this one', async () => {
    const { stored, model } = given()
    const fields = { newest: '2', status: 'open', last: { at: 'noon' }, lines }
    await stored.insertOne({ _id: 'b', version: 7, ...fields })
    const [old] = await model.load(['b'])
    expect(old).to.deep.equal({ orderId: 'b', version: 7, ...fields })
    const next: Note = { ...(old as Note), status: 'closed', lines: [...lines, { n: 3 }] }
    expect(await model.save([next])).to.deep.equal(['saved'])
    const written = { ...next, version: 8 }
    expect(await model.load(['b'])).to.deep.equal([written])
    expect(await model.list({ equal: { status: 'closed' }, limit: 2 })).to.deep.equal([written])
    expect(
      await model.list({ equal: { status: 'open' }, within: { newest: { after: '1' } }, limit: 2 }),
    ).to.deep.equal([])
  })
})
