/** Where a parcel goes. Sensitive: it belongs in no log, listing or error. */
export type ShipTo = { name: string; line1: string; city: string; postalCode: string; country: string }

/** One shipment. `key` is the idempotency key. */
export type Shipment = { key: string; orderId: string; shipTo: ShipTo }

export type ShipmentAnswer =
  | { outcome: 'scheduled'; trackingNumber: string }
  | { outcome: 'refused'; reason: string }

/**
 * The carrier as this service sees it. The first answer to a key is final: asking again with the same key schedules
 * nothing more and gets the same answer. Everything else is an error: `provider-unavailable` leaves the outcome
 * unknown, `provider-protocol` means that the two sides disagree about the contract.
 */
export type Carrier = { schedule(call: Shipment): Promise<ShipmentAnswer> }
