import { z } from 'zod'
import { Sku } from '../../../shared/contract/ids.ts'
import type { Clock } from '../../../shared/runtime/clock.ts'

const count = z.int().min(0)

/** The books of one SKU: on hand + held + shipped = initial + restocked. */
export const Stock = z.object({
  sku: Sku,
  initial: count,
  restocked: count,
  onHand: count,
  held: count,
  shipped: count,
})
export type Stock = z.output<typeof Stock>

/** Reads the stock of a SKU. It never fails: a silent, slow or incomprehensible inventory is `unavailable`. */
export type StockReader = (sku: Sku) => Promise<Stock | 'unknown' | 'unavailable'>

/** Asks the private port of inventory, for at most `timeoutMs` (2 s unless set). */
export const stockFrom =
  (inventoryUrl: string, { clock, timeoutMs = 2_000 }: { clock: Clock; timeoutMs?: number }): StockReader =>
  async sku => {
    const late = new AbortController()
    const cancel = clock.after(timeoutMs, () => late.abort())
    try {
      const url = `${inventoryUrl.replace(/\/+$/, '')}/stock/${sku}`
      const response = await fetch(url, { signal: late.signal, redirect: 'error' })
      if (response.status === 404) return 'unknown'
      return response.ok ? Stock.parse(await response.json()) : 'unavailable'
    } catch {
      return 'unavailable'
    } finally {
      cancel()
    }
  }
