import { expect } from 'chai'
import type { TrackedOrder } from '../../../../services/tracking/domain.ts'
import { addEntries, carryOver } from '../../../../services/tracking/store/apply.ts'
import { memoryReadModels } from '../../../../services/tracking/store/memory-read-model.ts'
import type { Log } from '../../../../shared/runtime/telemetry/log.ts'
import { cancelledStory, freshOrder } from '../entries.ts'

describe('entries that are added to orders', () => {
  const lines: string[] = []
  const log: Log = { info: () => {}, warn: () => {}, error: message => void lines.push(message) }
  const fresh = () => memoryReadModels<TrackedOrder>().model('orders')

  it('are added to what somebody else wrote meanwhile', async () => {
    const model = fresh()
    const orderId = freshOrder()
    const story = cancelledStory(orderId)
    let raced = false
    const racing: typeof model = {
      ...model,
      save: async documents => {
        if (!raced) {
          raced = true
          await addEntries(model, new Map([[orderId, story.slice(4)]]), log)
        }
        return model.save(documents)
      },
    }
    await addEntries(racing, new Map([[orderId, story.slice(0, 4)]]), log)
    const [order] = await model.load([orderId])
    expect(order?.entries).to.have.deep.members(story)
    expect(order?.status).to.equal('cancelled')
  })

  it('leave out an order that the store refuses, and say so, but no other', async () => {
    const model = fresh()
    const [bad, good] = [freshOrder(), freshOrder()]
    const refusing: typeof model = {
      ...model,
      save: async documents =>
        (await model.save(documents.filter(({ orderId }) => orderId !== bad))) &&
        documents.map(({ orderId }) => (orderId === bad ? new Error('refused') : 'saved')),
    }
    await addEntries(refusing, new Map([bad, good].map(id => [id, cancelledStory(id)])), log)
    expect((await model.load([bad, good])).map(order => order?.orderId)).to.deep.equal([undefined, good])
    expect(lines).to.deep.equal(['an order cannot be tracked'])
  })

  it('are carried over only where they are missing', async () => {
    const [from, to] = [fresh(), fresh()]
    const [whole, part] = [freshOrder(), freshOrder()]
    await addEntries(from, new Map([whole, part].map(id => [id, cancelledStory(id)])), log)
    await addEntries(
      to,
      new Map([
        [whole, cancelledStory(whole)],
        [part, cancelledStory(part).slice(3)],
      ]),
      log,
    )
    expect(await carryOver(from, to, log)).to.equal(1)
    expect(await carryOver(from, to, log)).to.equal(0)
    expect((await to.load([part]))[0]?.entries).to.deep.equal(cancelledStory(part))
  })
})
