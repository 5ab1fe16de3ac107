import { type EventType, events } from '../shared/contract/registry.ts'
import type { Participant } from '../shared/messaging/topology.ts'

const hears = {
  order: [
    'shipment.scheduled',
    'inventory.rejected',
    'payment.declined',
    'shipment.refused',
    'payment.refunded',
    'payment.voided',
    'inventory.released',
    'inventory.consumed',
  ],
  inventory: ['order.placed', 'payment.declined', 'shipment.refused', 'shipment.scheduled'],
  payment: ['inventory.reserved', 'shipment.refused'],
  shipping: ['payment.captured', 'order.cancel-requested', 'inventory.rejected', 'payment.declined'],
} as const satisfies Record<string, readonly EventType[]>

/** The services of the shop: what each hears, and the events of the contract that it owns. */
export const participants: readonly Participant[] = Object.entries(hears).map(([service, subscribes]) => ({
  service,
  subscribes,
  publishes: events.filter(event => event.owner === service).map(event => event.type),
}))
