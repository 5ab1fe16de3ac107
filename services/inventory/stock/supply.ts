import type { Sku } from '../../contract/ids.ts'
import type { Lot, StockStore } from './store.ts'

/** Units of one SKU. */
export type InitialStock = { readonly sku: Sku; readonly units: number }

/**
 * Puts the SKU in stock for the first time, in one lot; does nothing when it is there already, and finishes
 * what an older version was interrupted in, which kept lot 0 for the end. @throws SagaError
 * `store-unavailable`; call it again
 */
export const seed = async (store: StockStore, { sku, units }: InitialStock): Promise<void> => {
  const first = { sku, lot: 0 }
  if (await store.lot(first)) return
  const there = (await store.lots(sku)).reduce((sum, { initial }) => sum + initial, 0)
  const initial = Math.max(0, units - there)
  await store.add({ ...emptyLot(first), initial, onHand: initial })
}

/** A lot with nothing in it yet. */
export const emptyLot = ({ sku, lot }: Pick<Lot, 'sku' | 'lot'>): Lot => ({
  ...{ sku, lot, version: 1, initial: 0, restocked: 0, onHand: 0, held: 0, shipped: 0, holds: {} },
})
