import type { OrderId } from '../../../../services/contract/ids.ts'
import type { Event, EventType } from '../../../../services/contract/shop.ts'
import { listedBy } from '../../../../services/tracking/api/list.ts'
import type { TrackedOrder } from '../../../../services/tracking/domain.ts'
import { mongoReadModels } from '../../../../services/tracking/store/mongo-read-model.ts'
import type { ReadModels } from '../../../../services/tracking/store/read-model.ts'
import { eventId } from '../../../../shared/contract/ids.ts'
import { systemRandom } from '../../../../shared/runtime/random.ts'
import { until } from '../../../messaging/messages.ts'
import { needsMongo, testDatabase } from '../../../storage/adapters.ts'
import { anEvent } from '../../../support/events.ts'
import { freshOrder } from '../entries.ts'
import { journalPerTest, telling } from '../follow/journal-per-test.ts'

type Said = readonly [service: string, type: EventType, n: number]
/** Which services speak of an order that is confirmed, and what they say. */
export const confirmed: readonly Said[] = [
  ['order', 'order.placed', 2],
  ['inventory', 'inventory.reserved', 1],
  ['payment', 'payment.captured', 1],
  ['shipping', 'shipment.scheduled', 1],
  ['inventory', 'inventory.consumed', 2],
  ['order', 'order.confirmed', 4],
]

/** The events of a confirmed order, each caused by the one before. */
export const storyOf = (orderId: OrderId): { service: string; event: Event }[] =>
  confirmed.map(([service, type, n], i) => {
    const [before, , m] = confirmed[i - 1] ?? ['', '', 0]
    const cause = i > 0 ? { cause: eventId(orderId, before, m) } : {}
    return {
      service,
      event: { ...anEvent(type), id: eventId(orderId, service, n), subject: orderId, ...cause } as Event,
    }
  })

/** A journal, and read models in a database of their own, for each test. */
export const readModelPerTest = () => {
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
  return { on, models: () => models, tell, documents, applied }
}

/** So many orders that no other test knows. */
export const some = (count: number) => Array.from({ length: count }, freshOrder)
