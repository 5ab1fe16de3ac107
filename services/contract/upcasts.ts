import type { Upcast, Upcasts } from '../../shared/contract/upcast.ts'

const cents = (amount: unknown) => (typeof amount === 'number' ? Math.round(amount * 100) : amount)

const orderPlacedV1: Upcast = data => ({
  ...data,
  caller: 'anonymous',
  total: cents(data.total),
  lines: Array.isArray(data.lines)
    ? data.lines.map((line: Record<string, unknown>) => ({ ...line, unitPrice: cents(line.unitPrice) }))
    : data.lines,
})

/** Every version that was ever published stays readable for ever: it is upcast to the next, and so on. */
export const upcasts: Upcasts = {
  'order.placed': {
    1: orderPlacedV1, // money as floats in units, and no caller
  },
}
