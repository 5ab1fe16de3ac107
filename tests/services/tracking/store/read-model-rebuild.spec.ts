import { expect } from 'chai'
import { type TrackedOrder, withEntries } from '../../../../services/tracking/domain.ts'
import type { Generations } from '../../../../services/tracking/store/generations.ts'
import { keepSearchable } from '../../../../services/tracking/store/searchable.ts'
import { silentLog } from '../../../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../../../shared/runtime/time/clock.ts'
import { until } from '../../../messaging/messages.ts'
import { cancelledStory, freshOrder } from '../entries.ts'
import { confirmed, readModelPerTest, some } from './read-model-per-test.ts'

/** The number of the generation that answers now, 0 when there is none. */
const answeringNow = (generations: Generations): number => {
  try {
    return generations.serving().follower.generation
  } catch {
    return 0
  }
}

describe('the read model that is built anew', function () {
  this.timeout(90_000)
  const given = readModelPerTest()
  const { applied, documents, on, tell } = given

  it('[I32] is built anew while the old one answers, with the same documents and those that the journal no longer has', async () => {
    const models = given.models()
    const orders = some(20)
    await tell(orders)
    const { caughtUp, generations } = on.track(models)
    await caughtUp()
    const old = freshOrder()
    const [known] = await models.model('orders_1').load([orders[0] ?? ''])
    const gone = withEntries(undefined, old, known?.entries ?? []) as TrackedOrder
    await models.model('orders_1').save([gone])
    const before = await documents(models)
    expect(await generations.rebuild()).to.equal(2)
    expect(await generations.rebuild()).to.equal(2)
    let answers = 0
    const answered = new Set<number>()
    const asking = setInterval(() => void answered.add(answeringNow(generations)), 0)
    await until('the switch', async () => {
      const { model, follower } = generations.serving()
      expect((await model.load([old, ...orders])).every(Boolean)).to.equal(true)
      answers += 1
      return follower.generation === 2
    })
    clearInterval(asking)
    expect(answers).to.be.above(1)
    expect([...answered], 'asked all the time').to.deep.equal([1, 2])
    expect(await documents(models, 2)).to.deep.equal(before)
    await until('the end of the old one', async () => (await documents(models, 1)).length === 0)
    const late = some(1)
    await tell(late)
    await applied(late, confirmed.length, 2)
    await until('the plan', async () => (await models.register.read('generations'))?.value !== undefined)
    expect((await models.register.read('generations'))?.value).to.deep.equal({ serving: 2, dropping: [] })
  })

  it('[I32] leaves the old one in place until every instance answers from the new one', async () => {
    const models = given.models()
    const orders = some(5)
    await tell(orders)
    const [one, other] = [on.track(models), on.track(models)]
    await Promise.all([one.caughtUp(), other.caughtUp()])
    await one.generations.rebuild()
    await until('the switch of the other', async () => {
      const { model, follower } = other.generations.serving()
      expect((await model.load(orders)).every(Boolean), 'all orders').to.equal(true)
      return follower.generation === 2
    })
  })

  it('[I32] finishes a rebuild that was interrupted', async () => {
    const models = given.models()
    const orders = some(5)
    await tell(orders)
    const first = on.track(models)
    await first.caughtUp()
    const before = await documents(models)
    await first.generations.rebuild()
    await first.stop()
    const again = on.track(models)
    await until('the switch', () =>
      again.generations.progress().some(one => one.generation === 2 && one.serving),
    )
    expect(await documents(models, 2)).to.deep.equal(before)
  })

  describe('by an instance that searches by more than a release before kept', () => {
    const asBefore = (order: TrackedOrder) => {
      const { reasons: _, smallest: __, skus: ___, ...kept } = order
      return { ...kept, version: 0 } as TrackedOrder
    }

    it('finds in the new one what could not be found in the old one', async () => {
      const models = given.models()
      const old = freshOrder()
      await models.prepare('orders_1')
      await models
        .model('orders_1')
        .save([asBefore(withEntries(undefined, old, cancelledStory(old)) as TrackedOrder)])
      const { generations } = on.track(models)
      const searchable = keepSearchable(generations, { clock: systemClock, log: silentLog })
      await until('the switch', () => answeringNow(generations) === 2)
      await searchable.stop()
      const failing = { equal: { reasons: 'provider-unavailable' }, limit: 2 }
      const found = await generations.serving().model.list(failing)
      expect(found.map(({ orderId }) => orderId)).to.deep.equal([old])
    })

    it('is left as it is when this release wrote it', async () => {
      const models = given.models()
      const orders = some(3)
      await tell(orders)
      const { caughtUp, generations } = on.track(models)
      await caughtUp()
      let looked = 0
      const watched = {
        ready: () => generations.ready(),
        rebuild: () => generations.rebuild(),
        serving: () => {
          looked += 1
          return generations.serving()
        },
      }
      const searchable = keepSearchable(watched, { clock: systemClock, log: silentLog })
      await until('the look', () => looked > 0)
      await searchable.stop()
      expect((await models.register.read('generations'))?.value).to.deep.equal({ serving: 1, dropping: [] })
    })
  })
})
