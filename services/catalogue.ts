import { Sku } from './contract/ids.ts'
import { Cents } from './contract/money.ts'

/** What the shop sells, and at what price in cents. Both the API and the stock begin with it. */
export const catalogue: readonly { readonly sku: Sku; readonly unitPrice: Cents }[] = Array.from(
  { length: 100 },
  (_, n) => ({ sku: Sku.parse(`SKU-${n}`), unitPrice: Cents.parse(500 + 25 * n) }),
)

export const seededSkus: readonly Sku[] = catalogue.map(({ sku }) => sku)

/**
 * What the pages buy, and show the stock totals of. Whatever makes orders in bulk in somebody's own system
 * leaves it alone.
 */
export const shownSkus: readonly string[] = seededSkus.slice(0, 10)
