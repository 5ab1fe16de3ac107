import { on, type Reaction } from '../../shared/saga/define/reaction.ts'
import { noCalls, type Perform, type Service } from '../../shared/saga/define/service.ts'
import { InventoryRejected } from '../contract/inventory.ts'
import { CancelRequested } from '../contract/order.ts'
import { PaymentCaptured, PaymentDeclined } from '../contract/payment.ts'
import { type EventType, shop } from '../contract/shop.ts'
import {
  arbitrateCancel,
  closeShipment,
  concludeSchedule,
  evolve,
  type Shipment,
  scheduleShipment,
} from './domain.ts'

export const reactions: readonly Reaction<Shipment, EventType>[] = [
  on(PaymentCaptured, {
    decide: scheduleShipment,
    conclude: concludeSchedule,
    emits: { 'shipment.scheduled': 'forward', 'shipment.refused': 'refusal' },
    within: '10s',
    opens: true,
  }),
  on(CancelRequested, { decide: arbitrateCancel, emits: { 'shipment.refused': 'refusal' }, within: '5s' }),
  on(InventoryRejected, { decide: closeShipment, emits: {}, within: '5s', opens: true }),
  on(PaymentDeclined, { decide: closeShipment, emits: {}, within: '5s', opens: true }),
]

/** The shipping service: the pivot of the saga and the arbiter of its cancels. `patience` in ms. */
export const shippingService = (perform: Perform, patience: number): Service<Shipment> => ({
  saga: shop,
  name: 'shipping',
  initial: { status: 'none' },
  evolve,
  reactions,
  perform,
  patience,
})

/** Shipping by its rules alone: its calls reach nobody. */
export const rules = shippingService(noCalls, 0)
