import type { Fact } from '../../shared/contract/event.ts'
import { accept, fencedCall, ignore, repeatableCall } from '../../shared/saga/define/decision.ts'
import type { StockLine } from '../contract/fields.ts'
import type { Sku } from '../contract/ids.ts'
import {
  InventoryConsumed,
  InventoryRejected,
  InventoryReleased,
  InventoryReserved,
} from '../contract/inventory.ts'
import type { OrderPlaced } from '../contract/order.ts'
import type { PaymentDeclined } from '../contract/payment.ts'
import type { ShipmentRefused, ShipmentScheduled } from '../contract/shipping.ts'

/** What is held for an order: nothing yet, its lines, or never anything again. */
export type Reservation =
  | { readonly status: 'none' }
  | { readonly status: 'held'; readonly lines: readonly StockLine[] }
  | { readonly status: 'closed'; readonly because: 'rejected' | 'released' | 'consumed' }

/** What is asked of the stock. A hold carries along what the next service needs to know. */
export type StockCall =
  | { readonly kind: 'hold'; readonly reserve: InventoryReserved['data'] }
  | { readonly kind: 'release' | 'consume'; readonly lines: readonly StockLine[] }

export type HoldAnswer = { readonly outcome: 'held' } | { readonly outcome: 'short'; readonly shortOf: Sku }

/**
 * Holds all lines or none. Every attempt gets a token of its own, so that a slow one cannot hold what was
 * given up.
 */
export const reserveStock = (reservation: Reservation, { data }: OrderPlaced) => {
  if (reservation.status !== 'none') return ignore(`the reservation is ${reservation.status}`)
  const lines = data.lines.map(({ sku, quantity }) => ({ sku, quantity }))
  const { total, paymentToken, shipTo } = data
  return fencedCall<StockCall>({ kind: 'hold', reserve: { lines, total, paymentToken, shipTo } })
}

export const concludeHold = (
  _: Reservation,
  { reserve }: StockCall & { kind: 'hold' },
  answer: HoldAnswer,
) =>
  answer.outcome === 'held'
    ? accept(InventoryReserved(reserve))
    : accept(InventoryRejected({ shortOf: answer.shortOf }))

/**
 * Gives the hold back, or makes sure that there never will be one: the order may be heard of after its end.
 */
export const releaseStock = (reservation: Reservation, _: PaymentDeclined | ShipmentRefused) => {
  switch (reservation.status) {
    case 'held':
      return repeatableCall<StockCall>({ kind: 'release', lines: reservation.lines })
    case 'none':
      return accept(InventoryReleased({ lines: [] }))
    case 'closed':
      return ignore(`the reservation is ${reservation.because} already`)
  }
}

export const concludeRelease = (_: Reservation, { lines }: StockCall & { kind: 'release' }) =>
  accept(InventoryReleased({ lines: [...lines] }))

/** The parcel goes: what was held leaves the stock. */
export const consumeStock = (reservation: Reservation, _: ShipmentScheduled) =>
  reservation.status === 'held'
    ? repeatableCall<StockCall>({ kind: 'consume', lines: reservation.lines })
    : ignore(`the reservation is ${reservation.status}`)

export const concludeConsume = (_: Reservation, { lines }: StockCall & { kind: 'consume' }) =>
  accept(InventoryConsumed({ lines: [...lines] }))

type InventoryFact = InventoryReserved | InventoryRejected | InventoryReleased | InventoryConsumed

/** The reservation after a fact of its own. */
export const evolve = (reservation: Reservation, given: Fact): Reservation => {
  const fact = given as InventoryFact
  switch (fact.type) {
    case 'inventory.reserved':
      return { status: 'held', lines: fact.data.lines }
    case 'inventory.rejected':
      return { status: 'closed', because: 'rejected' }
    case 'inventory.released':
      return { status: 'closed', because: 'released' }
    case 'inventory.consumed':
      return { status: 'closed', because: 'consumed' }
    default:
      return reservation
  }
}
