/** What the shop sells, and at what price in cents. */
export const catalogue: readonly { readonly sku: string; readonly unitPrice: number }[] = Array.from(
  { length: 100 },
  (_, n) => ({ sku: `SKU-${n}`, unitPrice: 500 + 25 * n }),
)
