import { spanAt } from '../bson/document.ts'
import { type Key, keysOf, lowest } from '../bson/order.ts'
import { type FieldName, fieldAt } from '../bson/walk.ts'
import type { Collection } from '../storage/collection.ts'
import { type Clause, type Filter, matches, topField } from './filter.ts'
import type { Stored } from './indexes.ts'
import { choosePlan, countPlan, type Plan, type Sort, visitPlan } from './plan.ts'

/** The documents that match, in the order of `sort`, at most `limit`. */
export const find = (collection: Collection, filter: Filter, limit: number, sort?: Sort): Stored[] => {
  const ids = byId(filter)
  if (ids !== undefined && (sort === undefined || (sort.field === '_id' && !sort.descending)))
    return findByIds(collection, ids, filter, limit)
  const plan = planOf(collection, filter, limit, sort)
  const sorting = sort !== undefined && !plan.sorted
  const found: Stored[] = []
  if (limit > 0)
    visitPlan(plan, stored => {
      if (plan.exact || isMatch(filter, stored)) found.push(stored)
      return sorting || found.length < limit
    })
  return sorting ? sortedBy(sort, found).slice(0, limit) : found
}

const planOf = ({ indexes, ids }: Collection, filter: Filter, limit: number, sort?: Sort): Plan =>
  choosePlan(indexes, { filter, sort, limit, size: ids.byKey.size })

/** The condition by which a filter names the documents that it is about. */
export const byId = (filter: Filter): Clause | undefined =>
  filter.find(({ field, op }) => field.text === '_id' && (op === '$eq' || op === '$in'))

const findByIds = ({ ids }: Collection, clause: Clause, filter: Filter, limit: number): Stored[] => {
  const found: Stored[] = []
  let last: Key | undefined
  for (const key of clause.keys) {
    if (found.length >= limit) break
    const stored = key === last ? undefined : ids.byKey.get(key)
    if (stored !== undefined && (filter.length === 1 || isMatch(filter, stored))) found.push(stored)
    last = key
  }
  return found
}

const isMatch = (filter: Filter, { slot }: Stored): boolean => matches(filter, slot.bytes, slot.at)

// An array counts by the element that comes first.
const sortedBy = ({ field, descending }: Sort, found: readonly Stored[]): Stored[] => {
  const name = topField(field)
  const sign = descending ? -1 : 1
  return found
    .map(stored => ({ stored, key: sortKey(stored, name, descending) }))
    .sort((a, b) => (a.key === b.key ? 0 : a.key < b.key ? -sign : sign))
    .map(({ stored }) => stored)
}

const sortKey = ({ slot }: Stored, name: FieldName, descending: boolean): Key => {
  const walk = fieldAt(slot.bytes, slot.at, name)
  return (
    keysOf(walk && spanAt(walk))
      .sort()
      .at(descending ? -1 : 0) ?? lowest
  )
}

/**
 * How many documents match, counted up to `limit`. An index that answers the filter by itself is counted and
 * no document looked at.
 */
export const countMatching = (collection: Collection, filter: Filter, limit: number): number => {
  const known = byId(filter) ? undefined : countPlan(planOf(collection, filter, limit))
  return known === undefined ? find(collection, filter, limit).length : Math.min(known, limit)
}
