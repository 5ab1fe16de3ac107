import type { FieldError } from '../../../shared/runtime/http/problem.ts'
import { type ListParameters, listParameters, usuallyListed } from '../../private-calls/order-list.ts'
import { newestFirst, type TrackedOrder } from '../domain.ts'
import type { ListQuery } from '../store/read-model.ts'

/** The fields that a list chooses by; the read model has an index for each. */
export const listedBy = ['status', 'customerId', 'caller', 'awaits'] as const

/** The parameters of a list, typed, or what is wrong with each that is wrong. Pure. */
export const parametersOf = (
  query: URLSearchParams,
): { value: ListParameters } | { errors: FieldError[] } => {
  const errors: FieldError[] = []
  const value: Record<string, unknown> = {}
  for (const field of new Set(query.keys())) {
    const outcome = parameterOf(field, query.getAll(field))
    if ('expected' in outcome) errors.push({ field: nameOf(field), expected: outcome.expected })
    else value[field] = outcome.value
  }
  return errors.length > 0 ? { errors } : { value: value as ListParameters }
}

const parameterOf = (field: string, given: readonly string[]): { value: unknown } | { expected: string } => {
  if (!Object.hasOwn(listParameters, field))
    return { expected: `one of ${Object.keys(listParameters).join(', ')}` }
  const [schema, expected] = listParameters[field as keyof typeof listParameters]
  const result = schema.safeParse(given[0])
  return result.success && given.length === 1 ? { value: result.data } : { expected: `${expected}, once` }
}

// A name of somebody's own invention is not repeated.
const nameOf = (field: string): string => (/^[\w-]{1,64}$/.test(field) ? field : '(unprintable)')

/**
 * What the read model is asked for; one document more than the page shows whether there is another page. Age
 * and cursor are both places in the same order, so the later one holds. Pure.
 */
export const queryOf = (given: ListParameters, now: number): ListQuery => {
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
