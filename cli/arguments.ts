import { InvalidArgumentError } from 'commander'
import { OrderId, Sku } from '../services/contract/ids.ts'
import { listParameters } from '../services/private-calls/order-list.ts'
import { reactingNames } from '../services/registry.ts'
import { parseDuration } from '../shared/runtime/time/duration.ts'

const parsing =
  <T>(parse: (text: string) => T | undefined, expected: string) =>
  (text: string): T => {
    const value = parse(text)
    if (value === undefined) throw new InvalidArgumentError(`Expected ${expected}.`)
    return value
  }

/** A whole number from 1. */
export const count = parsing(
  text => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined),
  'a whole number above 0',
)

export const orderId = parsing(
  text => OrderId.safeParse(text).data,
  'an order id: ord_ and 26 characters of 0-9a-v',
)

export const sku = parsing(text => Sku.safeParse(text).data, 'a SKU: 1 to 40 letters, digits or dashes')

const [statusSchema, statuses] = listParameters.status
export const orderStatus = parsing(text => statusSchema.safeParse(text).data, statuses)

const [customerSchema, customers] = listParameters.customer
export const customer = parsing(text => customerSchema.safeParse(text).data, customers)

const [reasonSchema, reasons] = listParameters.reason
export const reason = parsing(text => reasonSchema.safeParse(text).data, reasons)

/** `39.98` as cents. */
export const amountOf = parsing(
  text => (/^\d{1,10}(\.\d{2})?$/.test(text) ? Math.round(Number(text) * 100) : undefined),
  'an amount such as 40 or 39.98',
)

const [instantSchema] = listParameters.placedFrom
/** A date, or a time with its zone; as it was given. */
export const instant = parsing(
  text => (instantSchema.safeParse(text).success ? text : undefined),
  'a date such as 2030-01-31, or a time such as 2030-01-31T12:00:00Z',
)

/** One of these words. */
export const oneOf = (words: readonly string[]) =>
  parsing(text => words.find(word => word === text), `one of ${words.join(', ')}`)

/** `250ms`, `30s`, `10m`, `2h` or `7d` as milliseconds. */
export const age = parsing(parseDuration, 'a duration such as 30s, 10m, 2h or 7d')

/** The name of a service that reacts to events. */
export const service = oneOf(reactingNames)

/** SKUs, one after the other. */
export const skus = (text: string, before: readonly string[] = []): string[] => [...before, sku(text)]

/** `SKU-7:2`, or `SKU-7` for one of it. */
export const line = (text: string, before: Line[] = []): Line[] => {
  const [, name = '', quantity = '1'] = /^([^:]+)(?::(.+))?$/.exec(text) ?? []
  return [...before, { sku: sku(name), quantity: count(quantity) }]
}
export type Line = { sku: string; quantity: number }
