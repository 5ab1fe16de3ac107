import { expect } from 'chai'
import { type Event, type EventType, shop } from '../../../../services/contract/shop.ts'
import type { TrackedOrder } from '../../../../services/tracking/domain.ts'
import { startFollower } from '../../../../services/tracking/follow/follower.ts'
import { memoryReadModels } from '../../../../services/tracking/store/memory-read-model.ts'
import { encode } from '../../../../shared/contract/envelope.ts'
import { eventId } from '../../../../shared/contract/ids.ts'
import type { Journal, JournalMessage } from '../../../../shared/messaging/journal.ts'
import { anEvent } from '../../../support/events.ts'
import { logInto } from '../../../support/log.ts'
import { manualClock } from '../../../support/manual-clock.ts'
import { seededRandom } from '../../../support/seeded-random.ts'
import { freshOrder } from '../entries.ts'

type Asked = { readonly notBefore: number; give(messages: readonly JournalMessage[]): void }

describe('the follower of the journal', () => {
  const orderId = freshOrder()
  const told = (service: string, n: number, type: EventType): JournalMessage => {
    const event = { ...anEvent(type), id: eventId(orderId, service, n), subject: orderId } as Event
    return { offset: n, messageId: event.id, type, ...encode(shop, [event]) }
  }
  const placed = told('order', 2, 'order.placed')
  const reserved = told('inventory', 1, 'inventory.reserved')
  const captured = told('payment', 1, 'payment.captured')

  /**
   * A follower whose journal gives what the test says, when it is asked, and whose store takes `storeMs` for
   * a write.
   */
  const given = async (storeMs = 0) => {
    const clock = manualClock(1_000)
    const asked: Asked[] = []
    const journal: Journal = {
      open: () => ({
        ...{ reading: true, atEnd: false },
        take: (_, notBefore = 0) => new Promise(give => void asked.push({ notBefore, give })),
        close: async () => asked.at(-1)?.give([]),
      }),
    }
    const counted = { loads: 0, saves: 0 }
    const models = memoryReadModels<TrackedOrder>()
    const counting: typeof models = {
      ...models,
      model: name => ({
        ...models.model(name),
        load: ids => {
          counted.loads += 1
          return models.model(name).load(ids)
        },
        save: async documents => {
          counted.saves += documents.length
          if (storeMs > 0) await new Promise<void>(resolve => void clock.after(storeMs, resolve))
          return models.model(name).save(documents)
        },
      }),
    }
    const ports = { clock, random: seededRandom(1), log: logInto([]) }
    const follower = await startFollower(
      { models: counting, journal, ...ports, onApplied: () => {}, onUnreadable: () => {} },
      1,
    )
    const give = async (...messages: JournalMessage[]) => {
      asked.at(-1)?.give(messages)
      await clock.advance(storeMs)
    }
    const typesKept = async () =>
      (await models.model('orders_1').load([orderId]))[0]?.entries.map(one => one.type)
    return { follower, asked, counted, give, typesKept }
  }

  it('writes an order once for all that arrived of it, and goes on without reading it', async () => {
    const { counted, give, typesKept } = await given()
    await give(placed, reserved)
    expect(counted).to.deep.equal({ loads: 1, saves: 1 })
    await give(captured)
    expect(counted).to.deep.equal({ loads: 1, saves: 2 })
    expect(await typesKept()).to.deep.equal(['order.placed', 'inventory.reserved', 'payment.captured'])
  })

  it('takes what comes after a rest at once, and what comes right after another batch a little later', async () => {
    const { asked, give } = await given()
    expect(asked.at(-1)?.notBefore).to.equal(0)
    await give(placed)
    expect(asked.at(-1)?.notBefore).to.equal(1_030)
  })

  it('takes less often what takes long to write', async () => {
    const { asked, give } = await given(40)
    await give(placed)
    expect(asked.at(-1)?.notBefore).to.equal(1_160)
  })
})
