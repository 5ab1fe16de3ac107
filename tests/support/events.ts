import { type OrderId, orderIdOf } from '../../services/contract/ids.ts'
import {
  InventoryConsumed,
  InventoryRejected,
  InventoryReleased,
  InventoryReserved,
} from '../../services/contract/inventory.ts'
import {
  CancelRequested,
  OrderCancelled,
  OrderConfirmed,
  OrderPlaced,
  OrderRejected,
} from '../../services/contract/order.ts'
import {
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  PaymentVoided,
} from '../../services/contract/payment.ts'
import { ShipmentRefused, ShipmentScheduled } from '../../services/contract/shipping.ts'
import { type Event, type EventType, shop } from '../../services/contract/shop.ts'
import { eventId } from '../../shared/contract/ids.ts'
import { systemRandom } from '../../shared/runtime/random.ts'
import { recorded } from './reactions.ts'

const shipTo = {
  name: 'A. Buyer',
  line1: '1 Main Street',
  city: 'Springfield',
  postalCode: '12345',
  country: 'US',
}
const lines = [{ sku: 'SKU-1', quantity: 2 }]
const priced = [{ sku: 'SKU-1', quantity: 2, unitPrice: 1_250 }]
const order = {
  caller: 'caller-1',
  customerId: 'customer-1',
  total: 2_500,
  paymentToken: 'tok_approve',
  shipTo,
}

const facts = {
  'order.placed': () => OrderPlaced({ ...order, lines: priced }),
  'order.cancel-requested': () => CancelRequested({ reason: 'customer' }),
  'order.confirmed': () => OrderConfirmed({ trackingNumber: 'T-1' }),
  'order.rejected': () => OrderRejected({ reason: 'out-of-stock' }),
  'order.cancelled': () => OrderCancelled({ reason: 'cancel-requested' }),
  'inventory.reserved': () => InventoryReserved({ lines, total: 2_500, paymentToken: 'tok_approve', shipTo }),
  'inventory.rejected': () => InventoryRejected({ shortOf: 'SKU-1' }),
  'inventory.released': () => InventoryReleased({ lines }),
  'inventory.consumed': () => InventoryConsumed({ lines }),
  'payment.captured': () => PaymentCaptured({ amount: 2_500, shipTo }),
  'payment.declined': () => PaymentDeclined({ reason: 'card-declined' }),
  'payment.refunded': () => PaymentRefunded({ amount: 2_500 }),
  'payment.voided': () => PaymentVoided({}),
  'shipment.scheduled': () => ShipmentScheduled({ trackingNumber: 'T-1' }),
  'shipment.refused': () => ShipmentRefused({ reason: 'carrier', detail: 'address-not-served' }),
} satisfies Record<EventType, () => unknown>

/** One valid event of the type, with an id of its own. */
export const anEvent = (type: EventType): Event => recorded(facts[type]())

/** The id of an order that no other test uses. */
export const newOrder = (): OrderId => orderIdOf(systemRandom.id())

/** One valid event of the type about this order, as the `n`th of the service that owns it. */
export const eventAbout = (orderId: OrderId, type: EventType, n = 1): Event =>
  ({
    ...anEvent(type),
    subject: orderId,
    id: eventId(orderId, shop.definitionOf(type)?.owner ?? '', n),
  }) as Event
