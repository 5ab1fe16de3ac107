import { on, type Reaction } from '../../shared/saga/define/reaction.ts'
import { noCalls, type Service } from '../../shared/saga/define/service.ts'
import { InventoryConsumed, InventoryRejected, InventoryReleased } from '../contract/inventory.ts'
import { PaymentDeclined, PaymentRefunded, PaymentVoided } from '../contract/payment.ts'
import { ShipmentRefused, ShipmentScheduled } from '../contract/shipping.ts'
import { type EventType, shop } from '../contract/shop.ts'
import {
  confirmOrder,
  evolve,
  isSettled,
  lateOrder,
  nextLook,
  noteConsumed,
  noteUndone,
  type Order,
  rejectOrder,
} from './domain.ts'

const undone = {
  decide: noteUndone,
  emits: { 'order.rejected': 'end', 'order.cancelled': 'end' },
  within: '5s',
} as const

export const reactions: readonly Reaction<Order, EventType>[] = [
  on(ShipmentScheduled, { decide: confirmOrder, emits: { 'order.confirmed': 'end' }, within: '5s' }),
  on(InventoryConsumed, { decide: noteConsumed, emits: {}, within: '5s' }),
  on(InventoryRejected, { decide: rejectOrder, emits: { 'order.rejected': 'end' }, within: '5s' }),
  on(PaymentDeclined, undone),
  on(ShipmentRefused, undone),
  on(PaymentRefunded, undone),
  on(PaymentVoided, undone),
  on(InventoryReleased, undone),
]

/** What the order service says without an event that causes it: over HTTP, or because time passed. */
export const says = { 'order.placed': 'forward', 'order.cancel-requested': 'refusal' } as const

/** The order service: it starts the saga and, from what the others say, knows how it ended. */
export const orderService: Service<Order> = {
  saga: shop,
  name: 'order',
  initial: { status: 'none' },
  evolve,
  reactions,
  says,
  perform: noCalls,
  due: nextLook,
  overdue: lateOrder,
  mayErase: isSettled,
}

/** Order by its rules alone. */
export const rules = orderService
