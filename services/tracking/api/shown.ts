import type { TrackedOrder } from '../domain.ts'
import type { Entry } from '../entry.ts'
import { timelineOf } from '../timeline.ts'

/**
 * An order as a list shows it; field by field, so that nothing that is added to the document goes out
 * unnoticed. Pure.
 */
export const listItemOf = (order: TrackedOrder, now: number) => ({
  orderId: order.orderId,
  status: order.status,
  settled: order.settled,
  customerId: order.customerId ?? null,
  caller: order.caller ?? null,
  total: order.total ?? null,
  placedAt: order.placedAt ?? null,
  updatedAt: order.updatedAt,
  last: order.last,
  awaiting: order.awaiting.map(({ service, events, since, withinMs }) => ({
    ...{ service, events, since, withinMs },
    overdue: now - Date.parse(since) > withinMs,
  })),
  reasons: order.reasons ?? [],
  attemptsFailed: order.attemptsFailed,
  parked: order.parked,
  repaired: order.repaired,
})

/** An entry as it is shown to who is no operator: what an error said speaks of our code. Pure. */
export const withoutErrors = (entry: Entry): Entry => {
  if (entry.notice === undefined) return entry
  const { error: _, errorAt: __, ...data } = entry.data
  return { ...entry, data }
}

/** The whole story of an order. Pure. */
export const storyOf = (order: TrackedOrder, now: number) => ({
  ...listItemOf(order, now),
  abridged: order.abridged,
  steps: timelineOf(order.entries),
})

/** The story of an order that is not in the journal yet. Pure. */
export const emptyStory = (orderId: string) => ({
  orderId,
  status: null,
  settled: false,
  awaiting: [],
  steps: [],
})
