import type { FieldError } from '../../../shared/runtime/http/problem.ts'
import {
  cursorText,
  type ListCursor,
  type ListParameters,
  type ListSort,
  listParameters,
  usuallyListed,
} from '../../private-calls/order-list.ts'
import { newestFirst, smallestFirst, type TrackedOrder } from '../domain.ts'
import type { ListIndex, ListQuery, TextRange } from '../store/read-model.ts'

/**
 * What lists choose by, and what they are sorted by: an index each. Of one customer, of what is awaited and
 * of what failed there are few, and those are sorted by total once they are found.
 */
export const listedBy: readonly ListIndex[] = [
  ...[[], ['status'], ['customerId'], ['caller'], ['awaits'], ['skus'], ['reasons']].map(by => [
    ...by,
    'newest',
  ]),
  ...[[], ['status'], ['caller'], ['skus']].map(by => [...by, 'smallest']),
]

const sorts = {
  newest: { by: 'newest', descending: false },
  oldest: { by: 'newest', descending: true },
  'lowest-total': { by: 'smallest', descending: false },
  'highest-total': { by: 'smallest', descending: true },
} as const satisfies Record<ListSort, ListQuery['sort']>

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
  if (errors.length === 0) errors.push(...contradictionsIn(value))
  return errors.length > 0 ? { errors } : { value: value as ListParameters }
}

/** Parameters of which each is right and that nothing can be found for together. */
const contradictionsIn = (given: ListParameters): FieldError[] => {
  const { minTotal = 0, maxTotal = minTotal, placedFrom, placedUntil, sort = 'newest', cursor } = given
  const isEmpty = placedFrom !== undefined && placedUntil !== undefined && placedUntil <= placedFrom
  return [
    ...(maxTotal < minTotal ? [{ field: 'maxTotal', expected: 'no less than minTotal' }] : []),
    ...(isEmpty ? [{ field: 'placedUntil', expected: 'a time after placedFrom' }] : []),
    ...(cursor && cursor.sort !== sort ? [{ field: 'cursor', expected: listParameters.cursor[1] }] : []),
  ]
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
 * What the read model is asked for; one document more than the page shows whether there is another page.
 * Pure.
 */
export const queryOf = (given: ListParameters, now: number): ListQuery => {
  const { status, customer, caller, sku, reason, awaiting, sort = 'newest', limit = usuallyListed } = given
  return {
    equal: {
      ...(status && { status }),
      ...(customer && { customerId: customer }),
      ...(caller && { caller }),
      ...(sku && { skus: sku }),
      ...(reason && { reasons: reason }),
      ...(awaiting && { awaits: awaiting }),
    },
    within: withinOf(given, now),
    sort: sorts[sort],
    limit: limit + 1,
  }
}

/** Times and totals as ranges of the texts that sort by them, and behind what earlier pages have shown. */
const withinOf = (given: ListParameters, now: number): Record<string, TextRange> => {
  const { olderThan, placedFrom, placedUntil, minTotal, maxTotal, cursor } = given
  const bounds: (readonly [field: 'newest' | 'smallest', TextRange] | undefined | false)[] = [
    olderThan !== undefined && ['newest', { after: newestFirst(now - olderThan) }],
    placedUntil !== undefined && ['newest', { after: newestFirst(placedUntil - 1) }],
    placedFrom !== undefined && ['newest', { before: newestFirst(placedFrom - 1) }],
    minTotal !== undefined && ['smallest', { after: smallestFirst(minTotal) }],
    maxTotal !== undefined && ['smallest', { before: smallestFirst(maxTotal + 1) }],
    cursor && [sorts[cursor.sort].by, behind(cursor)],
  ]
  const ranges: Record<string, TextRange> = {}
  for (const bound of bounds) if (bound) ranges[bound[0]] = narrowed(ranges[bound[0]], bound[1])
  return ranges
}

const behind = ({ sort, at }: ListCursor): TextRange =>
  sorts[sort].descending ? { before: at } : { after: at }

const narrowed = (range: TextRange = {}, further: TextRange): TextRange => ({
  after: given([range.after, further.after]).at(-1),
  before: given([range.before, further.before])[0],
})

const given = (texts: readonly (string | undefined)[]): string[] =>
  texts.filter(text => text !== undefined).sort()

/** A page out of what was found for `queryOf`, and where the next one begins. Pure. */
export const pageOf = (
  found: readonly TrackedOrder[],
  { limit: asked }: ListQuery,
  sort: ListSort = 'newest',
) => {
  const orders = found.slice(0, asked - 1)
  const at = orders.at(-1)?.[sorts[sort].by]
  const next = found.length === asked && at !== undefined ? cursorText({ sort, at }) : null
  return { orders, next }
}
