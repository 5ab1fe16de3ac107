import type { EventOf, Fact } from '../../shared/contract/event.ts'
import { accept, call, ignore } from '../../shared/saga/define/decision.ts'
import type { Address } from '../contract/fields.ts'
import type { InventoryRejected } from '../contract/inventory.ts'
import type { CancelRequested } from '../contract/order.ts'
import type { PaymentCaptured, PaymentDeclined } from '../contract/payment.ts'
import { ShipmentClosed, ShipmentRefused, ShipmentScheduled } from '../contract/shipping.ts'

/** What is decided about the parcel: nothing, that it goes, or that it never will. */
export type Shipment =
  | { readonly status: 'none' }
  | { readonly status: 'scheduled' }
  | { readonly status: 'closed'; readonly because: 'refused' | 'inventory.rejected' | 'payment.declined' }

export type CarrierCall = { readonly kind: 'schedule'; readonly shipTo: Address }
export type CarrierAnswer =
  | { readonly outcome: 'scheduled'; readonly trackingNumber: string }
  | { readonly outcome: 'refused'; readonly reason: string }

/** The pivot: once scheduled, the saga only goes forward. */
export const scheduleShipment = (shipment: Shipment, { data }: PaymentCaptured) =>
  shipment.status === 'none'
    ? call<CarrierCall>({ kind: 'schedule', shipTo: data.shipTo })
    : ignore(`the shipment is ${shipment.status}`)

export const concludeSchedule = (_: Shipment, __: CarrierCall, answer: CarrierAnswer) =>
  answer.outcome === 'scheduled'
    ? accept(ShipmentScheduled({ trackingNumber: answer.trackingNumber }))
    : accept(ShipmentRefused({ reason: 'carrier', detail: answer.reason }))

/** The one arbiter of ship or cancel: the first decision wins. */
export const arbitrateCancel = (shipment: Shipment, _: CancelRequested) =>
  shipment.status === 'none'
    ? accept(ShipmentRefused({ reason: 'cancelled' }))
    : ignore(`the shipment is ${shipment.status}`)

/** Nothing will come to be shipped, so that a later cancel has nothing to decide. */
export const closeShipment = (shipment: Shipment, { type }: InventoryRejected | PaymentDeclined) =>
  shipment.status === 'none'
    ? accept(ShipmentClosed({ because: type }))
    : ignore(`the shipment is ${shipment.status}`)

type ShippingFact = ShipmentScheduled | ShipmentRefused | EventOf<typeof ShipmentClosed>

/** The shipment after a fact of its own. */
export const evolve = (shipment: Shipment, given: Fact): Shipment => {
  const fact = given as ShippingFact
  switch (fact.type) {
    case 'shipment.scheduled':
      return { status: 'scheduled' }
    case 'shipment.refused':
      return { status: 'closed', because: 'refused' }
    case 'shipment.closed':
      return { status: 'closed', because: fact.data.because }
    default:
      return shipment
  }
}
