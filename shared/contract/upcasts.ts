/** Lifts the data of one old version to the next. Versions that were ever published stay readable for ever. */
type Upcast = (data: Record<string, unknown>) => Record<string, unknown>

const cents = (amount: unknown) => (typeof amount === 'number' ? Math.round(amount * 100) : amount)

const orderPlacedV1: Upcast = data => ({
  ...data,
  caller: 'anonymous',
  total: cents(data.total),
  lines: Array.isArray(data.lines)
    ? data.lines.map((line: Record<string, unknown>) => ({ ...line, unitPrice: cents(line.unitPrice) }))
    : data.lines,
})

/** By type, then by the version that is lifted to the next one. */
const upcasts: Readonly<Record<string, Readonly<Record<number, Upcast>>>> = {
  'order.placed': { 1: orderPlacedV1 }, // v1: money as floats in units, no caller
}

/** The data in its newest shape, or undefined when no chain of upcasts leads from `version` to `newest`. */
export const upcast = (type: string, version: number, newest: number, data: unknown): unknown => {
  if (version === newest) return data
  const lift = Object.hasOwn(upcasts, type) ? upcasts[type]?.[version] : undefined
  if (!lift || typeof data !== 'object' || data === null) return undefined
  return upcast(type, version + 1, newest, lift(data as Record<string, unknown>))
}

/** True when upcasts lead from one version of a type to a newer one. */
export const canLift = (type: string, from: number, to: number): boolean =>
  from >= to || (Object.hasOwn(upcasts[type] ?? {}, from) && canLift(type, from + 1, to))
