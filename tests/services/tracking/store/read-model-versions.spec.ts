import { expect } from 'chai'
import type { OrderId } from '../../../../services/contract/ids.ts'
import { type Event, events } from '../../../../services/contract/shop.ts'
import { type TrackedOrder, withEntries } from '../../../../services/tracking/domain.ts'
import { freshOrder } from '../entries.ts'
import { telling } from '../follow/journal-per-test.ts'
import { readModelPerTest, some, storyOf } from './read-model-per-test.ts'

describe('the read model and events in a version that it does not know', function () {
  this.timeout(90_000)
  const given = readModelPerTest()
  const { documents, on, tell } = given

  /**
   * What an older release leaves that knew `order.placed` one version less: the events without data, and
   * where the first one stands.
   */
  const leftByAnOlderRelease = async (orders: readonly OrderId[]) => {
    const models = given.models()
    const known = events.map(({ type, version }) => ({
      ...{ type, version: type === 'order.placed' ? version - 1 : version },
    }))
    const stored = (await models.register.read('position_1'))?.value as { offset: number }
    await models.register.put('position_1', { ...stored, leftOut: { after: null, known } })
    const model = models.model('orders_1')
    const found = (await model.load(orders)) as TrackedOrder[]
    const unread = found.map(({ orderId, entries }) => {
      const bare = entries.map(one => (one.type === 'order.placed' ? { ...one, newer: 2, data: {} } : one))
      return withEntries(undefined, orderId, bare) as TrackedOrder
    })
    await models.drop('orders_1')
    await model.save(unread)
  }

  it('[I34] reads again what a release before could not read, and nothing of it is missing then', async () => {
    const models = given.models()
    const orders = some(3)
    await tell(orders)
    const older = on.track(models)
    await older.caughtUp()
    const whole = await documents(models)
    await older.stop()
    await leftByAnOlderRelease(orders)
    expect((await documents(models)).map(({ total }) => total)).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ])
    const newer = on.track(models)
    await newer.caughtUp()
    expect(await documents(models)).to.deep.equal(whole)
    expect(on.lines().filter(line => line.includes('is read again'))).to.have.lengthOf(1)
    await newer.stop()
    await on.track(models).caughtUp()
    expect(on.lines().filter(line => line.includes('is read again'))).to.have.lengthOf(1)
  })

  it('[I34] names an event in a version that it does not know, says so, and goes on', async () => {
    const models = given.models()
    const orders = some(1)
    const [first] = storyOf(orders[0] ?? freshOrder())
    await on.publish('order', [telling({ ...first?.event, version: 9 } as Event)])
    const { caughtUp, unreadable } = on.track(models)
    await caughtUp()
    const [order] = await documents(models)
    expect(order?.entries).to.have.lengthOf(1)
    expect(order?.entries[0]).to.deep.include({ type: 'order.placed', newer: 9, data: {} })
    expect(order).to.include({ status: 'placed' }).and.not.have.property('caller')
    expect(unreadable()).to.equal(1)
    expect(await models.register.read('position_1')).to.have.nested.property('value.leftOut.after', null)
  })
})
