import type { StockLine } from '../../shared/contract/fields.ts'
import type { OrderId } from '../../shared/contract/ids.ts'
import type { HoldAnswer } from './domain.ts'
import { putBack, shipOut, takeHold } from './lots.ts'
import type { Shelves } from './shelves.ts'

/** An attempt at the stock for an order, fenced by the token that is in the order's document. */
export type StockRequest = {
  readonly orderId: OrderId
  readonly lines: readonly StockLine[]
  readonly token: number
}

/** `stale`: a newer attempt has taken over, so read the order's document again. */
export type HoldOutcome = HoldAnswer | { readonly outcome: 'stale' }

/**
 * Holds all lines, or none and says which one is short (protocol, rule 4). Doing it again with a larger token takes over what is held.
 * `at` (ms) is when it was asked. @throws SagaError `store-unavailable`: unknown, so try again with a larger token
 */
export const hold = async (
  shelves: Shelves,
  { orderId, lines, token, at }: StockRequest & { readonly at: number },
): Promise<HoldOutcome> => {
  // In one order for all, so that of two orders that want the same last units one gets all of its lines.
  for (const { sku, quantity } of [...lines].sort((a, b) => (a.sku < b.sku ? -1 : 1))) {
    const outcome = await shelves.change(sku, orderId, takeHold({ quantity, token, at }))
    if (outcome === 'stale') return { outcome }
    if (outcome === 'held') continue
    await release(shelves, { orderId, lines, token })
    return { outcome, shortOf: sku }
  }
  return { outcome: 'held' }
}

/** Puts everything that the order holds under this token or an older one back on the shelf; twice is as good as once. */
export const release = async (shelves: Shelves, { orderId, lines, token }: StockRequest): Promise<void> => {
  const rule = putBack(held => held <= token)
  await Promise.all(lines.map(({ sku }) => shelves.change(sku, orderId, rule)))
}

/** Sends out everything that the order holds under this token; twice is as good as once. */
export const consume = async (shelves: Shelves, { orderId, lines, token }: StockRequest): Promise<void> => {
  await Promise.all(lines.map(({ sku }) => shelves.change(sku, orderId, shipOut(token))))
}
