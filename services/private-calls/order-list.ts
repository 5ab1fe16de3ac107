import { z } from 'zod'
import { normalText } from '../../shared/contract/text.ts'
import { parseDuration } from '../../shared/runtime/time/duration.ts'
import { OrderStatus } from '../contract/fields.ts'
import { Sku } from '../contract/ids.ts'
import { type EventType, events } from '../contract/shop.ts'
import { eventOwners } from '../registry.ts'

/** The events with which a customer, or time, begins something: nobody waits for them. */
const unasked: readonly EventType[] = ['order.placed', 'order.cancel-requested']

/** Everything that an order can wait for: services that publish, and events. */
export const awaitable: readonly string[] = [
  ...Object.values(eventOwners),
  ...events.map(({ type }) => type).filter(type => !unasked.includes(type)),
].sort()

/** How many orders a page has at most, and when nobody says how many. */
export const mostListed = 200
export const usuallyListed = 50

/** The largest total that an order can have, in cents. */
const mostTotal = 1_000_000_000_000

/** How a list can be sorted. */
export const listSorts = ['newest', 'oldest', 'highest-total', 'lowest-total'] as const
export type ListSort = (typeof listSorts)[number]

const text = z.string().regex(/^[^\p{Cc}\p{Cs}]{1,100}$/u)
const age = z
  .string()
  .regex(/^[1-9]\d{0,8}[smhd]$/)
  .transform(given => parseDuration(given) ?? Number.NaN)
const cents = z
  .string()
  .regex(/^\d{1,13}$/)
  .transform(Number)
  .pipe(z.int().max(mostTotal))
const instant = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .transform(given => Date.parse(given))
const limit = z
  .string()
  .regex(/^\d{1,3}$/)
  .transform(Number)
  .pipe(z.int().min(1).max(mostListed))

// The order of a cursor is in it: in another one its place means nothing.
const place = /^(?:(oldest|highest-total|lowest-total)=)?(\d{13}:ord_[0-9a-v]{26})$/
const cursor = z
  .base64url()
  .max(100)
  .transform(given => Buffer.from(given, 'base64url').toString())
  .pipe(z.string().regex(place))
  .transform((given): ListCursor => {
    const [, sort = 'newest', at = ''] = place.exec(given) ?? []
    return { sort: sort as ListSort, at }
  })

/** Where a page ended: in which order, and at which text that sorts. */
export type ListCursor = { readonly sort: ListSort; readonly at: string }

/** The cursor as clients get it. Pure. */
export const cursorText = ({ sort, at }: ListCursor): string =>
  Buffer.from(sort === 'newest' ? at : `${sort}=${at}`).toString('base64url')

const time = 'a date such as 2030-01-31, or a time such as 2030-01-31T12:00:00Z'

/** Every parameter of the list of orders, and what it expects in words. */
export const listParameters = {
  status: [OrderStatus, 'placed, confirmed, rejected or cancelled'],
  customer: [text.transform(normalText), 'a customer id of 1 to 100 characters'],
  caller: [text, 'the name of a caller, of 1 to 100 characters'],
  sku: [Sku, 'a SKU: 1 to 40 letters, digits or dashes'],
  reason: [text, 'why it was rejected or cancelled, or an attempt failed, such as out-of-stock'],
  awaiting: [z.enum(awaitable), `one of ${awaitable.join(', ')}`],
  minTotal: [cents, `a whole number of cents up to ${mostTotal}`],
  maxTotal: [cents, `a whole number of cents up to ${mostTotal}`],
  placedFrom: [instant, time],
  placedUntil: [instant, `${time}, which is not in the list itself`],
  olderThan: [age, 'an age such as 30s, 10m, 2h or 1d'],
  sort: [z.enum(listSorts), `one of ${listSorts.join(', ')}`],
  cursor: [cursor, 'the value of next in an earlier answer with the same sort'],
  limit: [limit, `a whole number from 1 to ${mostListed}`],
} as const

export type ListParameters = {
  [N in keyof typeof listParameters]?: z.output<(typeof listParameters)[N][0]>
}

/** The parameters that tracking could not take, and what belongs there. */
export const ListFaults = z.object({
  errors: z.array(z.object({ field: z.string(), expected: z.string() })),
})
