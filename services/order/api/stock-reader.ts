import type { Clock } from '../../../shared/runtime/time/clock.ts'
import type { Sku } from '../../contract/ids.ts'
import { StockTotals } from '../../private-calls/stock.ts'
import { privateClient } from './private-client.ts'

/**
 * Reads the stock of a SKU. It never fails: a silent, slow or incomprehensible inventory is `unavailable`.
 */
export type StockReader = (sku: Sku) => Promise<StockTotals | 'unknown' | 'unavailable'>

/** Asks the private port of inventory, for at most `timeoutMs` (2 s unless set). */
export const stockFrom = (
  inventoryUrl: string,
  { clock, timeoutMs = 2_000 }: { clock: Clock; timeoutMs?: number },
): StockReader => {
  const inventory = privateClient(inventoryUrl, { clock, timeoutMs })
  return sku =>
    inventory.get(`/stock/${sku}`, async response => {
      if (response.status === 404) return 'unknown'
      return response.ok ? StockTotals.parse(await response.json()) : 'unavailable'
    })
}
