import { expect } from 'chai'
import { type OrderId, Sku } from '../../../../services/contract/ids.ts'
import {
  type LotWriter,
  type LotWriterOptions,
  lotWriter as shelvesOver,
} from '../../../../services/inventory/stock/lot-writer.ts'
import { type Lot, type StockStore, totalsOf } from '../../../../services/inventory/stock/store.ts'
import { systemRandom } from '../../../../shared/runtime/random.ts'
import { inLots } from '../../../support/lots.ts'

export const sku = (n: number): Sku => Sku.parse(`SKU-${n}`)

/** The store with these units of SKU-0, SKU-1 …, in lots of two. */
export const supplied = async <S extends StockStore>(store: S, units: readonly number[]): Promise<S> => {
  for (const [n, count] of units.entries()) await inLots(store, { sku: sku(n), units: count, lotSize: 2 })
  return store
}

/** What holds at every moment, whatever anybody does. */
export const expectBalance = (lots: readonly Lot[]) => {
  for (const lot of lots) {
    const { onHand, held, shipped, initial, restocked, holds } = lot
    const quantities = Object.values(holds).map(({ quantity }) => quantity)
    expect(onHand, 'on hand').to.be.at.least(0)
    expect(quantities.every(quantity => quantity > 0)).to.equal(true)
    expect(held, 'held').to.equal(quantities.reduce((sum, quantity) => sum + quantity, 0))
    expect(onHand + held + shipped, 'balance').to.equal(initial + restocked)
  }
}

/** The numbers of one SKU, checked. */
export const numbersOf = async (store: StockStore, n: number) => {
  const lots = await store.lots(sku(n))
  expectBalance(lots)
  return totalsOf(lots)
}

/** The shelves over a store. */
export const lotWriterOf = (store: StockStore, options?: LotWriterOptions): LotWriter =>
  shelvesOver(store, systemRandom, options)

/** So many of the `n`th SKU. */
export const line = (n: number, quantity: number) => ({ sku: sku(n), quantity })

/** An attempt of an order at these lines. */
export const ask = (orderId: OrderId, token: number, ...lines: ReturnType<typeof line>[]) => ({
  orderId,
  token,
  lines,
  at: 1_000,
})

/** What an order holds of the `n`th SKU. */
export const holdsOf = async (store: StockStore, orderId: OrderId, n: number) =>
  (await store.lots(sku(n))).flatMap(({ holds }) => holds[orderId] ?? [])
