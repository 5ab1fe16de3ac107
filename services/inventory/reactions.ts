import { on, type Reaction } from '../../shared/saga/define/reaction.ts'
import { noCalls, type Perform, type Service } from '../../shared/saga/define/service.ts'
import { OrderPlaced } from '../contract/order.ts'
import { PaymentDeclined } from '../contract/payment.ts'
import { ShipmentRefused, ShipmentScheduled } from '../contract/shipping.ts'
import { type EventType, shop } from '../contract/shop.ts'
import {
  concludeConsume,
  concludeHold,
  concludeRelease,
  consumeStock,
  evolve,
  type Reservation,
  releaseStock,
  reserveStock,
} from './domain.ts'

const release = {
  decide: releaseStock,
  conclude: concludeRelease,
  emits: { 'inventory.released': 'undoes inventory.reserved' },
  within: '5s',
} as const

export const reactions: readonly Reaction<Reservation, EventType>[] = [
  on(OrderPlaced, {
    decide: reserveStock,
    conclude: concludeHold,
    emits: { 'inventory.reserved': 'forward', 'inventory.rejected': 'refusal' },
    within: '5s',
    opens: true,
  }),
  on(PaymentDeclined, release),
  on(ShipmentRefused, release),
  on(ShipmentScheduled, {
    decide: consumeStock,
    conclude: concludeConsume,
    emits: { 'inventory.consumed': 'forward' },
    within: '5s',
  }),
]

/** The inventory service: one hold per order and SKU, given back or consumed once. */
export const inventoryService = (perform: Perform): Service<Reservation> => ({
  saga: shop,
  name: 'inventory',
  initial: { status: 'none' },
  evolve,
  reactions,
  perform,
})

/** Inventory by its rules alone: its calls reach nobody. */
export const rules = inventoryService(noCalls)
