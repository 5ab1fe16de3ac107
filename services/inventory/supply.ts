import type { Sku } from '../../shared/contract/ids.ts'
import type { Lot, StockStore } from '../../shared/persistence/stock.ts'

/** Units of one SKU, to be kept in lots of at most `lotSize`: a lot is one document, and each unit may be a hold in it. */
export type Delivery = { readonly sku: Sku; readonly units: number; readonly lotSize: number }

/**
 * Puts the SKU on the shelves for the first time; does nothing when it is there already, and finishes what was interrupted.
 * @throws SagaError `store-unavailable`; call it again
 */
export const seed = async (store: StockStore, { sku, units, lotSize }: Delivery): Promise<void> => {
  const complete = (lots: readonly Lot[]) => lots.some(({ lot }) => lot === 0)
  if (complete(await store.lots(sku))) return
  const count = Math.max(1, Math.ceil(units / lotSize))
  const sizes = Array.from({ length: count }, (_, lot) => Math.min(lotSize, units - lot * lotSize))
  const [first, ...others] = sizes.map((initial, lot) => ({
    ...emptyLot(sku, lot),
    initial,
    onHand: initial,
  }))
  await Promise.all(others.map(lot => store.add(lot)))
  // Last, because its presence says that all are there.
  if (first) await store.add(first)
}

/** A lot with nothing in it yet. */
export const emptyLot = (sku: Sku, lot: number): Lot => ({
  ...{ sku, lot, version: 1, initial: 0, restocked: 0, onHand: 0, held: 0, shipped: 0, holds: {} },
})
