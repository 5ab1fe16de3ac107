import { expect } from 'chai'
import type { OrderId } from '../../../../services/contract/ids.ts'
import { type Event, type EventType, events } from '../../../../services/contract/shop.ts'
import { listedBy } from '../../../../services/tracking/api/list.ts'
import { type TrackedOrder, withEntries } from '../../../../services/tracking/domain.ts'
import type { Generations } from '../../../../services/tracking/store/generations.ts'
import { mongoReadModels } from '../../../../services/tracking/store/mongo-read-model.ts'
import type { ReadModels } from '../../../../services/tracking/store/read-model.ts'
import { eventId } from '../../../../shared/contract/ids.ts'
import { SagaError } from '../../../../shared/runtime/errors.ts'
import { systemRandom } from '../../../../shared/runtime/random.ts'
import { message, until } from '../../../messaging/messages.ts'
import { needsMongo, testDatabase } from '../../../storage/adapters.ts'
import { anEvent } from '../../../support/events.ts'
import { freshOrder } from '../entries.ts'
import { journalPerTest, telling } from '../follow/journal-per-test.ts'

type Said = readonly [service: string, type: EventType, n: number]
const confirmed: readonly Said[] = [
  ['order', 'order.placed', 2],
  ['inventory', 'inventory.reserved', 1],
  ['payment', 'payment.captured', 1],
  ['shipping', 'shipment.scheduled', 1],
  ['inventory', 'inventory.consumed', 2],
  ['order', 'order.confirmed', 4],
]

/** The events of a confirmed order, each caused by the one before. */
const storyOf = (orderId: OrderId): { service: string; event: Event }[] =>
  confirmed.map(([service, type, n], i) => {
    const [before, , m] = confirmed[i - 1] ?? ['', '', 0]
    const cause = i > 0 ? { cause: eventId(orderId, before, m) } : {}
    return {
      service,
      event: { ...anEvent(type), id: eventId(orderId, service, n), subject: orderId, ...cause } as Event,
    }
  })

/** The number of the generation that answers now, 0 when there is none. */
const answeringNow = (generations: Generations): number => {
  try {
    return generations.serving().follower.generation
  } catch {
    return 0
  }
}

describe('the read model, out of a real journal into a real store', function () {
  this.timeout(90_000)
  const on = journalPerTest()
  needsMongo()
  let models: ReadModels<TrackedOrder>
  let database: ReturnType<typeof testDatabase>

  beforeEach(() => {
    database = testDatabase().client.db(`choreo-test-${systemRandom.id()}`)
    models = mongoReadModels(database, listedBy)
  })
  afterEach(() => database.dropDatabase())

  const tell = async (orders: readonly OrderId[], steps = confirmed.length) => {
    for (let i = 0; i < steps; i++) {
      const said = orders.flatMap(orderId => storyOf(orderId).slice(i, i + 1))
      await on.publish(said[0]?.service ?? '', [telling(...said.map(({ event }) => event))])
    }
  }
  const some = (count: number) => Array.from({ length: count }, freshOrder)
  const documents = async (from: ReadModels<TrackedOrder>, generation = 1) =>
    (await from.model(`orders_${generation}`).page(undefined, 1_000)).map(({ version: _, ...rest }) => rest)
  const applied = (orders: readonly OrderId[], entries = confirmed.length, generation = 1) =>
    until(
      'all that was told',
      async () => {
        const found = await models.model(`orders_${generation}`).load(orders)
        return found.every(order => order?.entries.length === entries)
      },
      30_000,
    )

  it('[I29] has every order, and an event that is sent again once', async () => {
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
    const orders = some(1)
    await on.publish('order', [message('broken', { body: Buffer.from('{'), key: 'order.placed' })])
    await tell(orders)
    const { caughtUp, unreadable } = on.track(models)
    await caughtUp()
    await applied(orders)
    expect(unreadable()).to.equal(1)
    expect(on.lines().filter(line => line.includes('cannot be read'))).to.have.lengthOf(1)
  })

  /**
   * What an older release leaves that knew `order.placed` one version less: the events without data, and
   * where the first one stands.
   */
  const leftByAnOlderRelease = async (orders: readonly OrderId[]) => {
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

  it('[I32] is built anew while the old one answers, with the same documents and those that the journal no longer has', async () => {
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

  it('is the same when two instances keep it side by side', async () => {
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
