import { reactions as inventory } from '../services/inventory/reactions.ts'
import { reactions as order } from '../services/order/reactions.ts'
import { reactions as payment } from '../services/payment/reactions.ts'
import { reactions as shipping } from '../services/shipping/reactions.ts'
import { events } from '../shared/contract/registry.ts'
import type { Participant } from '../shared/messaging/topology.ts'

const tables = { order, inventory, payment, shipping }

/** The services of the shop: what each hears by its reaction table, and the events of the contract that it owns. */
export const participants: readonly Participant[] = Object.entries(tables).map(([service, reactions]) => ({
  service,
  subscribes: reactions.map(reaction => reaction.on.type),
  publishes: events.filter(event => event.owner === service).map(event => event.type),
}))
