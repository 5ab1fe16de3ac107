import type { AnyDefinition, EventOf } from './event.ts'
import * as inventory from './inventory.ts'
import * as order from './order.ts'
import * as payment from './payment.ts'
import * as shipping from './shipping.ts'

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

const byType: ReadonlyMap<string, AnyDefinition> = new Map(events.map(event => [event.type, event]))

/** The newest definition of a type, if the contract has it. */
export const definitionOf = (type: string): AnyDefinition | undefined => byType.get(type)
