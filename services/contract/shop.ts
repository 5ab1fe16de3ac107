import type { EventOf } from '../../shared/contract/event.ts'
import { defineSaga } from '../../shared/contract/saga.ts'
import { order as subject } from './ids.ts'
import * as inventory from './inventory.ts'
import * as order from './order.ts'
import * as payment from './payment.ts'
import * as shipping from './shipping.ts'
import { upcasts } from './upcasts.ts'

/** Every event that may travel, once. Notes are not in it: they never leave their service. */
export const events = [
  order.OrderPlaced,
  order.CancelRequested,
  order.OrderConfirmed,
  order.OrderRejected,
  order.OrderCancelled,
  inventory.InventoryReserved,
  inventory.InventoryRejected,
  inventory.InventoryReleased,
  inventory.InventoryConsumed,
  payment.PaymentCaptured,
  payment.PaymentDeclined,
  payment.PaymentRefunded,
  payment.PaymentVoided,
  shipping.ShipmentScheduled,
  shipping.ShipmentRefused,
] as const

/** Any event of the contract as it is recorded and published. */
export type Event = EventOf<(typeof events)[number]>
export type EventType = Event['type']

/** The saga of the shop: an order is paid for and sent, or all of it is undone. */
export const shop = defineSaga({ name: 'choreo', subject, events, upcasts })
