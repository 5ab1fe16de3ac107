import { z } from 'zod'
import type { ListQuery } from '../../shared/persistence/read-model.ts'
import type { FieldError } from '../../shared/runtime/problem.ts'
import { newestFirst, type TrackedOrder } from './domain.ts'
import { awaitable } from './flow.ts'

/** The fields that a list chooses by; the read model has an index for each. */
export const listedBy = ['status', 'customerId', 'caller', 'awaits'] as const

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const mostListed = 200
const usuallyListed = 50
const place = /^\d{13}:ord_[0-9a-v]{26}$/

const text = z.string().regex(/^[^\p{Cc}\p{Cs}]{1,100}$/u)
const age = z
  .string()
  .regex(/^[1-9]\d{0,8}[smhd]$/)
  .transform(given => Number.parseInt(given, 10) * units[given.at(-1) as keyof typeof units])
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

/** Every parameter, and what it expects in words. */
const parameters = {
  status: [
    z.enum(['placed', 'confirmed', 'rejected', 'cancelled']),
    'placed, confirmed, rejected or cancelled',
  ],
  customer: [text, 'a customer id of 1 to 100 characters'],
  caller: [text, 'the name of a caller, of 1 to 100 characters'],
  awaiting: [z.enum(awaitable), `one of ${awaitable.join(', ')}`],
  olderThan: [age, 'an age such as 30s, 10m, 2h or 1d'],
  cursor: [cursor, 'what next said in an earlier answer'],
  limit: [limit, `a whole number from 1 to ${mostListed}`],
} as const

type Name = keyof typeof parameters
type Parameters = { [N in Name]?: z.output<(typeof parameters)[N][0]> }

/** The parameters of a list, typed, or what is wrong with each that is wrong. Pure. */
export const parametersOf = (query: URLSearchParams): { value: Parameters } | { errors: FieldError[] } => {
  const errors: FieldError[] = []
  const value: Record<string, unknown> = {}
  for (const field of new Set(query.keys())) {
    const outcome = parameterOf(field, query.getAll(field))
    if ('expected' in outcome) errors.push({ field: nameOf(field), expected: outcome.expected })
    else value[field] = outcome.value
  }
  return errors.length > 0 ? { errors } : { value: value as Parameters }
}

const parameterOf = (field: string, given: readonly string[]): { value: unknown } | { expected: string } => {
  if (!Object.hasOwn(parameters, field)) return { expected: `one of ${Object.keys(parameters).join(', ')}` }
  const [schema, expected] = parameters[field as Name]
  const result = schema.safeParse(given[0])
  return result.success && given.length === 1 ? { value: result.data } : { expected: `${expected}, once` }
}

// A name of somebody's own invention is not repeated.
const nameOf = (field: string): string => (/^[\w-]{1,64}$/.test(field) ? field : '(unprintable)')

/**
 * What the read model is asked for; one document more than the page tells whether there is another page. Age and cursor are both
 * places in the same order, so the later one holds. Pure.
 */
export const queryOf = (given: Parameters, now: number): ListQuery => {
  const { status, customer, caller, awaiting, olderThan, cursor: next, limit: size = usuallyListed } = given
  const places = [next, olderThan === undefined ? undefined : newestFirst(now - olderThan)].filter(
    one => one !== undefined,
  )
  return {
    equal: {
      ...(status && { status }),
      ...(customer && { customerId: customer }),
      ...(caller && { caller }),
      ...(awaiting && { awaits: awaiting }),
    },
    after: places.sort().at(-1),
    limit: size + 1,
  }
}

/** A page out of what was found for `queryOf`, and where the next one begins. Pure. */
export const pageOf = (found: readonly TrackedOrder[], { limit: asked }: ListQuery) => {
  const orders = found.slice(0, asked - 1)
  const last = orders.at(-1)
  const next = found.length === asked && last ? Buffer.from(last.newest).toString('base64url') : null
  return { orders, next }
}
