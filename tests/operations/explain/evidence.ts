import type { OrderId } from '../../../services/contract/ids.ts'
import { type Event, type EventType, shop } from '../../../services/contract/shop.ts'
import { reactingServices } from '../../../services/reacting-services.ts'
import type { DeadLetter } from '../../../shared/operations/dead-letters/dead-letter.ts'
import type { Evidence, ServiceEvidence } from '../../../shared/operations/explain/evidence.ts'
import { blank, type SagaDocument } from '../../../shared/saga/document/document.ts'
import { eventOf, newOrder } from '../world.ts'

/** The order that all of it is about. */
export const orderId: OrderId = newOrder()

/** When the evidence was gathered (ms). */
export const at = Date.parse('2030-01-01T00:10:00Z')

/** An event of the order, so old when the evidence was gathered. */
export const eventAt = (type: EventType, by: string, ageMs = 60_000): Event => ({
  ...eventOf(type, orderId, by),
  at: new Date(at - ageMs).toISOString(),
})

/** What inventory has said, a minute ago. */
export const reserved = eventAt('inventory.reserved', 'inventory')

/** A document of the order, written once. */
export const document = (changes: Partial<SagaDocument>): SagaDocument => ({
  ...blank(orderId, {}),
  version: 1,
  ...changes,
})

/** How an inbox says that an event is done with. */
export const applied = { outcome: 'applied' as const }

/** What is known of services, by name. */
export type Known = Partial<Record<string, Partial<ServiceEvidence>>>

/** Evidence in which every service runs and nothing waits, but for what is known. */
export const evidence = (known: Known, more: Partial<Evidence> = {}): Evidence => ({
  ...{ saga: shop, subject: orderId, at, deadLetters: [], waiting: [], full: [], blind: [] },
  services: reactingServices.map(({ name, reactions }) => ({
    service: name,
    hears: Object.fromEntries(
      reactions.map(({ on, emits, within }) => [on.type, { emits: Object.keys(emits), within }]),
    ),
    inbox: { ready: 0, consumers: 1 },
    readiness: 'ready',
    ...known[name],
  })),
  ...more,
})

/** Inventory has reserved; whether payment has heard of it is the question. */
export const between = (payment: Partial<ServiceEvidence>, inventory: Partial<SagaDocument> = {}): Known => ({
  inventory: { document: document({ events: [reserved], ...inventory }) },
  payment,
})

/** What payment gave up. */
export const deadLetter: DeadLetter = {
  ...{
    service: 'payment',
    messageId: reserved.id,
    type: reserved.type,
    subject: orderId,
    reason: 'TypeError',
  },
  ...{ attempts: 8, age: 3_600_000, bytes: 1, events: [] },
}

/** A document of payment that says so too. */
export const dead = {
  document: document({ inbox: { [reserved.id]: { outcome: 'dead', reason: 'TypeError' } } }),
}
const intent = { source: { id: reserved.id, type: reserved.type }, call: {}, record: 'once' as const }

/** Payment with a call that has no answer. */
export const calling = (more: object) => ({
  document: document({ intent: { ...intent, ...more }, inbox: { [reserved.id]: applied } }),
})

/** What payment failed at and tries again in four seconds. */
export const waiting = {
  service: 'payment',
  eventId: reserved.id,
  attempts: 2,
  reason: 'TypeError',
  nextAt: at + 4_000,
}
