import { Books } from '../../../shared/contract/door-answers.ts'
import type { Sku } from '../../../shared/contract/ids.ts'
import type { Clock } from '../../../shared/runtime/clock.ts'

/** Reads the stock of a SKU. It never fails: a silent, slow or incomprehensible inventory is `unavailable`. */
export type StockReader = (sku: Sku) => Promise<Books | 'unknown' | 'unavailable'>

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
      return response.ok ? Books.parse(await response.json()) : 'unavailable'
    } catch {
      return 'unavailable'
    } finally {
      cancel()
    }
  }
