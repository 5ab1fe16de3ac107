/**
 * How fast tracking reads the journal and folds it into a read model in memory, without a broker and without
 * a store. `node dist/bench/parts/tracking.js [orders] [rounds]`; one line of JSON per workload, with the
 * median of the rounds.
 */
import { type OrderId, orderIdOf } from '../../services/contract/ids.ts'
import { type Event, type EventType, shop } from '../../services/contract/shop.ts'
import type { TrackedOrder } from '../../services/tracking/domain.ts'
import { startFollower } from '../../services/tracking/follow/follower.ts'
import { memoryReadModels } from '../../services/tracking/store/memory-read-model.ts'
import { encode } from '../../shared/contract/envelope.ts'
import { eventId } from '../../shared/contract/ids.ts'
import type { Journal, JournalMessage } from '../../shared/messaging/journal.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { silentLog } from '../../shared/runtime/telemetry/log.ts'
import { systemClock } from '../../shared/runtime/time/clock.ts'

const [orders = 20_000, rounds = 5] = process.argv.slice(2).map(Number)
/**
 * How many orders are under way at once: each wave of them says its first event, then its second one, and so
 * on.
 */
const wave = 512

const shipTo = {
  name: 'A. Buyer',
  line1: '1 Main Street',
  city: 'Springfield',
  postalCode: '12345',
  country: 'US',
}
const lines = [
  { sku: 'SKU-17', quantity: 1 },
  { sku: 'SKU-62', quantity: 2 },
]
const secret = { paymentToken: 'tok_approve', shipTo }
const priced = lines.map(line => ({ ...line, unitPrice: 1_250 }))

type Said = readonly [service: string, n: number, type: EventType, version: number, data: object]
const story: readonly Said[] = [
  [
    'order',
    2,
    'order.placed',
    2,
    { caller: 'demo', customerId: 'c-1', total: 3_750, lines: priced, ...secret },
  ],
  ['inventory', 1, 'inventory.reserved', 1, { lines, total: 3_750, ...secret }],
  ['payment', 1, 'payment.captured', 1, { amount: 3_750, shipTo }],
  ['shipping', 1, 'shipment.scheduled', 1, { trackingNumber: 'T-0123456789' }],
  ['inventory', 2, 'inventory.consumed', 1, { lines }],
  ['order', 4, 'order.confirmed', 1, { trackingNumber: 'T-0123456789' }],
]
const start = Date.UTC(2030, 0, 1)

const eventOf = (orderId: OrderId, step: number): Event => {
  const [service = '', n = 0, type, version, data] = story[step] ?? []
  const [before, m] = story[step - 1] ?? []
  const cause = before && m ? { cause: eventId(orderId, before, m) } : {}
  const id = eventId(orderId, service, n)
  const at = new Date(start + step * 7).toISOString()
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  return {
    ...{ id, orderId, at, type, version, data, traceparent, note: false },
    ...cause,
  } as unknown as Event
}

/** The journal of so many orders, `each` events to a message, all of one type. */
const journalOf = (count: number, each: number): JournalMessage[] => {
  const messages: JournalMessage[] = []
  for (let first = 0; first < count; first += wave) {
    const ids = Array.from({ length: Math.min(wave, count - first) }, () => orderIdOf(systemRandom.id()))
    for (const step of story.keys())
      for (let i = 0; i < ids.length; i += each) {
        const told = ids.slice(i, i + each).map(orderId => eventOf(orderId, step))
        const [{ id: messageId, type }] = told as [Event]
        messages.push({ offset: messages.length, messageId, type, ...encode(shop, told) })
      }
  }
  return messages
}

const read = (messages: readonly JournalMessage[], onEnd: () => void): Journal => ({
  open: () => {
    let next = 0
    let close = () => {}
    const closed = new Promise<readonly JournalMessage[]>(resolve => {
      close = () => resolve([])
    })
    const take = (limit: number) => {
      const taken = messages.slice(next, next + limit)
      next += taken.length
      if (taken.length > 0) return Promise.resolve(taken)
      onEnd()
      return closed
    }
    return { take, close: async () => close(), reading: true, atEnd: false }
  },
})

/** Resolves with events per second of CPU of this process. */
const follow = async (messages: readonly JournalMessage[], events: number): Promise<number> => {
  let onEnd = () => {}
  const ended = new Promise<void>(resolve => {
    onEnd = resolve
  })
  const models = memoryReadModels<TrackedOrder>()
  const ports = { clock: systemClock, random: systemRandom, log: silentLog }
  const journal = read(messages, onEnd)
  const before = process.cpuUsage()
  const follower = await startFollower(
    { models, journal, ...ports, onApplied: () => {}, onUnreadable: () => {} },
    1,
  )
  await ended
  const { user, system } = process.cpuUsage(before)
  await follower.stop()
  return events / ((user + system) / 1e6)
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

for (const each of [1, 32]) {
  const messages = journalOf(orders, each)
  const events = orders * story.length
  const rates: number[] = []
  for (let round = 0; round < rounds; round++) rates.push(await follow(messages, events))
  const eventsPerSecond = Math.round(median(rates))
  const cpuUsPerOrder = Math.round((1e6 * story.length) / eventsPerSecond)
  const line = { eventsPerMessage: each, events, eventsPerSecond, cpuUsPerOrder }
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
