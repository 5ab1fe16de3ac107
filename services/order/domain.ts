import type { EventOf, Fact } from '../../shared/contract/event.ts'
import { type Accept, accept, type Ignore, ignore } from '../../shared/saga/define/decision.ts'
import type { InventoryConsumed, InventoryRejected, InventoryReleased } from '../contract/inventory.ts'
import {
  CancelRequested,
  OrderCancelled,
  OrderConfirmed,
  OrderNoted,
  OrderNudged,
  OrderPlaced,
  OrderRejected,
  OrderSubmitted,
} from '../contract/order.ts'
import type { PaymentDeclined, PaymentRefunded, PaymentVoided } from '../contract/payment.ts'
import type { ShipmentRefused, ShipmentScheduled } from '../contract/shipping.ts'

type Noted = EventOf<typeof OrderNoted>['data']['fact']
type Known = {
  readonly fingerprint: string
  /** What was heard of what the end depends on; sorted, because the order of arrival must not matter. */
  readonly heard: readonly Noted[]
  readonly cancelRequested: boolean
  readonly refusal?: 'carrier' | 'cancelled'
  /** When to look whether the order is late (ms since the epoch). */
  readonly lookAt: number
  readonly nudges: number
}
type Placed = Known & { readonly status: 'placed' }
type Ended = Known & { readonly status: 'confirmed' | 'rejected' | 'cancelled' }

/** An order of which nothing is known yet, one that is under way, or one that has ended. */
export type Order = { readonly status: 'none' } | Placed | Ended

/** What a late order is worth: this many reminders, each waiting twice as long, up to an hour. */
const maxNudges = 12
const firstNudgeAfter = 60_000
const longestNudge = 3_600_000

/**
 * Submits and places an order, once. `fingerprint` is the digest of the request, `deadline` in ms since the
 * epoch.
 */
export const placeOrder =
  (submission: { fingerprint: string; deadline: number }, placed: Parameters<typeof OrderPlaced>[0]) =>
  (order: Order): Accept | Ignore =>
    order.status === 'none'
      ? accept(OrderSubmitted(submission), OrderPlaced(placed))
      : ignore('there is such an order already')

/** Asks for a cancel. Whether it comes in time is for shipping to decide. */
export const requestCancel = (order: Order): Accept | Ignore =>
  order.status === 'placed' && !order.cancelRequested
    ? accept(CancelRequested({ reason: 'customer' }))
    : ignore(`the order is ${order.status} or a cancel is asked for`)

/** What the passed deadline means: first a cancel, then reminders, further apart each time. */
export const lateOrder = (order: Order, now: number): { facts: Fact[]; nudge: boolean } => {
  if (order.status === 'none') return { facts: [], nudge: false }
  const pause = Math.min(longestNudge, firstNudgeAfter * 2 ** order.nudges)
  const nudged = OrderNudged({ again: now + pause })
  const asks = order.status === 'placed' && !order.cancelRequested
  return { facts: asks ? [CancelRequested({ reason: 'deadline' }), nudged] : [nudged], nudge: !asks }
}

/** When to look at the order again (ms), or undefined once it is settled or past all help. */
export const nextLook = (order: Order): number | undefined =>
  order.status === 'none' || isSettled(order) || order.nudges >= maxNudges ? undefined : order.lookAt

/** Terminal, and when confirmed, the stock has left too. */
export const isSettled = (order: Order): boolean => {
  if (order.status === 'confirmed') return order.heard.includes('inventory.consumed')
  return order.status === 'rejected' || order.status === 'cancelled'
}

/** Which facts the order still waits for; more than one when any of them could come next. */
export const awaited = (order: Order): readonly string[] => {
  if (order.status === 'none' || isSettled(order)) return []
  if (order.status === 'confirmed') return ['inventory.consumed']
  const has = (fact: Noted) => order.heard.includes(fact)
  if (has('payment.declined')) return ['inventory.released']
  if (!has('shipment.refused'))
    return ['shipment.scheduled', 'shipment.refused', 'inventory.rejected', 'payment.declined']
  const money = has('payment.refunded') || has('payment.voided') ? [] : ['payment.refunded', 'payment.voided']
  return [...money, ...(has('inventory.released') ? [] : ['inventory.released'])]
}

export const confirmOrder = (order: Order, { data }: ShipmentScheduled) =>
  order.status === 'placed'
    ? accept(OrderConfirmed({ trackingNumber: data.trackingNumber }))
    : ignore(`the order is ${order.status}`)

export const rejectOrder = (order: Order, _: InventoryRejected) =>
  order.status === 'placed'
    ? accept(OrderRejected({ reason: 'out-of-stock' }))
    : ignore(`the order is ${order.status}`)

/** The stock has left; nothing is awaited any more. It may be heard before the confirmation. */
export const noteConsumed = (order: Order, _: InventoryConsumed) =>
  order.status === 'none' || order.heard.includes('inventory.consumed')
    ? ignore('nothing to settle')
    : accept(OrderNoted({ fact: 'inventory.consumed' }))

type Undone = PaymentDeclined | ShipmentRefused | PaymentRefunded | PaymentVoided | InventoryReleased

/** Notes a step back, and ends the order when it was the last one missing, whatever order they came in. */
export const noteUndone = (order: Order, event: Undone) => {
  if (order.status !== 'placed') return ignore(`the order is ${order.status}`)
  const noted = OrderNoted({
    fact: event.type,
    ...(event.type === 'shipment.refused' && { refusal: event.data.reason }),
  })
  const end = endOf(withNote(order, noted.data))
  return end ? accept(noted, end) : accept(noted)
}

/** The terminal rule: it looks at what was heard, never at the order in which it was. */
const endOf = ({ heard, refusal }: Placed) => {
  const has = (fact: Noted) => heard.includes(fact)
  if (!has('inventory.released')) return undefined
  if (has('payment.declined')) return OrderRejected({ reason: 'payment-declined' })
  if (!has('shipment.refused') || !(has('payment.refunded') || has('payment.voided'))) return undefined
  return OrderCancelled({ reason: refusal === 'carrier' ? 'shipment-refused' : 'cancel-requested' })
}

const withNote = <K extends Known>(order: K, { fact, refusal }: EventOf<typeof OrderNoted>['data']): K => ({
  ...order,
  heard: [...new Set([...order.heard, fact])].sort(),
  ...(refusal && { refusal }),
})

type OrderFact =
  | EventOf<typeof OrderSubmitted>
  | EventOf<typeof OrderNoted>
  | EventOf<typeof OrderNudged>
  | OrderPlaced
  | CancelRequested
  | OrderConfirmed
  | OrderRejected
  | OrderCancelled

/** The order after a fact of its own. */
export const evolve = (order: Order, given: Fact): Order => {
  const fact = given as OrderFact
  if (fact.type === 'order.submitted') return submitted(fact.data)
  if (order.status === 'none') return order
  switch (fact.type) {
    case 'order.cancel-requested':
      return { ...order, cancelRequested: true }
    case 'order.noted':
      return withNote(order, fact.data)
    case 'order.nudged':
      return { ...order, nudges: order.nudges + 1, lookAt: fact.data.again }
    case 'order.confirmed':
      return { ...order, status: 'confirmed' }
    case 'order.rejected':
      return { ...order, status: 'rejected' }
    case 'order.cancelled':
      return { ...order, status: 'cancelled' }
    default:
      return order
  }
}

const submitted = ({ fingerprint, deadline }: EventOf<typeof OrderSubmitted>['data']): Order => ({
  status: 'placed',
  fingerprint,
  heard: [],
  cancelRequested: false,
  lookAt: deadline,
  nudges: 0,
})
