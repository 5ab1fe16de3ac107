import { expect } from 'chai'
import type { TrackedOrder } from '../../../../services/tracking/domain.ts'
import type { ReadModels } from '../../../../services/tracking/store/read-model.ts'
import { SagaError } from '../../../../shared/runtime/errors.ts'
import { message, until } from '../../../messaging/messages.ts'
import { confirmed, readModelPerTest, some } from './read-model-per-test.ts'

describe('the read model, out of a real journal into a real store', function () {
  this.timeout(90_000)
  const given = readModelPerTest()
  const { applied, documents, on, tell } = given

  it('[I29] has every order, and an event that is sent again once', async () => {
    const models = given.models()
    const orders = some(5)
    await tell(orders)
    await tell(orders, 3)
    const { caughtUp } = on.track(models)
    await caughtUp()
    const found = await documents(models)
    expect(found.map(({ orderId }) => orderId)).to.have.members(orders)
    for (const { entries, status, settled, awaiting } of found) {
      expect(entries.map(({ type }) => type)).to.deep.equal(confirmed.map(([, type]) => type))
      expect({ status, settled, awaiting }).to.deep.equal({
        status: 'confirmed',
        settled: true,
        awaiting: [],
      })
    }
  })

  it('[I29] is the same when it was killed between the entries and the position', async () => {
    const models = given.models()
    const orders = some(5)
    await tell(orders)
    const undisturbed = on.track()
    await undisturbed.caughtUp()
    let entriesWritten = false
    const killed = on.track({
      ...models,
      register: {
        ...models.register,
        put: async () => {
          entriesWritten = true
          throw new SagaError('store-unavailable', 'killed here')
        },
      },
    })
    await until('the entries', () => entriesWritten)
    await killed.stop()
    expect(await models.register.read('position_1')).to.equal(undefined)
    await on.track(models).caughtUp()
    expect(await documents(models)).to.deep.equal(await documents(undisturbed.models))
  })

  it('[I31] goes on after its position, and says up to when it is complete', async () => {
    const models = given.models()
    const [one, other] = [some(1), some(1)]
    await tell(one)
    const first = on.track(models)
    await first.caughtUp()
    expect(first.generations.asOf()).to.be.closeTo(Date.now(), 5_000)
    await first.stop()
    const position = await models.register.read('position_1')
    await tell(other)
    await on.track(models).caughtUp()
    await applied([...one, ...other])
    const later = await models.register.read('position_1')
    const offsetIn = (found: typeof position) =>
      (found?.value as { offset: number } | undefined)?.offset ?? -1
    expect(offsetIn(later)).to.be.above(offsetIn(position))
  })

  it('holds what it read while the store is away, without a rush, and goes on', async () => {
    const models = given.models()
    let away = true
    let attempts = 0
    const flaky: ReadModels<TrackedOrder> = {
      ...models,
      model: name => ({
        ...models.model(name),
        save: async documents => {
          attempts += 1
          if (away) throw new SagaError('store-unavailable', 'away')
          return models.model(name).save(documents)
        },
      }),
    }
    const orders = some(2)
    const { generations } = on.track(flaky)
    await tell(orders)
    await until('a second attempt', () => attempts >= 2)
    expect(generations.progress()[0]).to.include({ atEnd: false })
    const before = attempts
    await tell(some(1))
    expect(attempts - before).to.be.below(10)
    away = false
    await applied(orders)
  })

  it('leaves out what cannot be read, counts it, and never stops at it', async () => {
    const models = given.models()
    const orders = some(1)
    await on.publish('order', [message('broken', { body: Buffer.from('{'), key: 'order.placed' })])
    await tell(orders)
    const { caughtUp, unreadable } = on.track(models)
    await caughtUp()
    await applied(orders)
    expect(unreadable()).to.equal(1)
    expect(on.lines().filter(line => line.includes('cannot be read'))).to.have.lengthOf(1)
  })

  it('is the same when two instances keep it side by side', async () => {
    const models = given.models()
    const [one, other] = [on.track(models), on.track(models)]
    const orders = some(10)
    await tell(orders)
    await applied(orders)
    await Promise.all([one.caughtUp(), other.caughtUp()])
    const alone = on.track()
    await alone.caughtUp()
    expect(await documents(models)).to.deep.equal(await documents(alone.models))
  })

  it('[I31] is never complete later than what it read, and comes back when its connection was cut', async () => {
    const models = given.models()
    const { generations, caughtUp } = on.track(models)
    await caughtUp()
    await on.subject().cut('tracking')
    await until('the loss', () => !generations.ready())
    const stale = generations.asOf()
    expect(stale).to.be.at.most(Date.now())
    const orders = some(1)
    await tell(orders)
    await applied(orders)
    await until('the return', () => generations.ready())
  })
})
