import type { OrderId, Sku } from '../contract/ids.ts'

/** A part of the stock of one SKU, small enough that its open holds fit in one document. */
export type Lot = {
  readonly sku: Sku
  /** 0, 1, 2 … within the SKU. */
  readonly lot: number
  /** Counts the writes; every write names the version that it read. */
  readonly version: number
  readonly initial: number
  readonly restocked: number
  readonly onHand: number
  readonly held: number
  readonly shipped: number
  /** Open holds by order. `at` (ms) is when it was taken or last raised. */
  readonly holds: Readonly<Record<string, Hold>>
}

/** `token` is the one in the order's document when the hold was taken: it fences whoever is stale. */
export type Hold = { readonly quantity: number; readonly token: number; readonly at: number }

/** The new numbers of a lot, and the one hold that changed: set, or removed with `null`. */
export type LotChange = {
  readonly onHand: number
  readonly held: number
  readonly shipped: number
  readonly hold: { readonly orderId: OrderId; readonly value: Hold | null }
}

/** Where inventory keeps its stock. The same words as for `Store`: `store-unavailable` means unknown, calls share round trips. */
export type StockStore = {
  /** Every lot of the SKU in order; empty for a SKU that is not kept. */
  lots(sku: Sku): Promise<Lot[]>
  /** One atomic, durable write on top of the version that was read. */
  commit(lot: Lot, change: LotChange): Promise<'committed' | 'conflict'>
  /** Lots that hold anything, in order after the given one, at most `limit`. */
  holding(page: { after?: { sku: Sku; lot: number }; limit: number }): Promise<Lot[]>
  /** Puts the SKU on the shelves, split into lots of at most `lotSize` units, unless it is there already. */
  seed(sku: Sku, units: number, lotSize: number): Promise<void>
  /** Adds units to a new lot or lots; counted as `restocked`. */
  restock(sku: Sku, units: number, lotSize: number): Promise<void>
}
