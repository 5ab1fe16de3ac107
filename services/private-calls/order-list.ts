import { z } from 'zod'
import { normalText } from '../../shared/contract/text.ts'
import { parseDuration } from '../../shared/runtime/time/duration.ts'
import { OrderStatus } from '../contract/fields.ts'
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
const place = /^\d{13}:ord_[0-9a-v]{26}$/

const text = z.string().regex(/^[^\p{Cc}\p{Cs}]{1,100}$/u)
const age = z
  .string()
  .regex(/^[1-9]\d{0,8}[smhd]$/)
  .transform(given => parseDuration(given) ?? Number.NaN)
const cursor = z
  .base64url()
  .max(100)
  .transform(given => Buffer.from(given, 'base64url').toString())
  .pipe(z.string().regex(place))
const limit = z
  .string()
  .regex(/^\d{1,3}$/)
  .transform(Number)
  .pipe(z.int().min(1).max(mostListed))

/** Every parameter of the list of orders, and what it expects in words. */
export const listParameters = {
  status: [OrderStatus, 'placed, confirmed, rejected or cancelled'],
  customer: [text.transform(normalText), 'a customer id of 1 to 100 characters'],
  caller: [text, 'the name of a caller, of 1 to 100 characters'],
  awaiting: [z.enum(awaitable), `one of ${awaitable.join(', ')}`],
  olderThan: [age, 'an age such as 30s, 10m, 2h or 1d'],
  cursor: [cursor, 'the value of next in an earlier answer'],
  limit: [limit, `a whole number from 1 to ${mostListed}`],
} as const

export type ListParameters = {
  [N in keyof typeof listParameters]?: z.output<(typeof listParameters)[N][0]>
}

/** The parameters that tracking could not take, and what belongs there. */
export const ListFaults = z.object({
  errors: z.array(z.object({ field: z.string(), expected: z.string() })),
})
