import { decode } from '../bson/document.ts'
import { type Key, keysOf, lowest } from '../bson/order.ts'
import { bytesOf, type Collection } from '../storage/collection.ts'
import { type Clause, type Filter, matches } from './filter.ts'
import type { Stored } from './indexes.ts'
import { choosePlan, countPlan, visitPlan } from './plan.ts'

/** The documents that match, in ascending order of the field `sort`, at most `limit`. */
export const find = (collection: Collection, filter: Filter, limit: number, sort?: string): Stored[] => {
  const ids = byId(filter)
  if (ids !== undefined && (sort === undefined || sort === '_id'))
    return findByIds(collection, ids, filter, limit)
  const plan = choosePlan(collection.indexes, filter, sort)
  const sorting = sort !== undefined && !plan.sorted
  const found: Stored[] = []
  if (limit > 0)
    visitPlan(plan, stored => {
      if (plan.exact || isMatch(filter, stored)) found.push(stored)
      return sorting || found.length < limit
    })
  return sorting ? sortedBy(sort, found).slice(0, limit) : found
}

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

// An array counts by its lowest element.
const sortedBy = (field: string, found: readonly Stored[]): Stored[] =>
  found
    .map(stored => ({ stored, key: keysOf(decode(bytesOf(stored)).get(field)).sort()[0] ?? lowest }))
    .sort((a, b) => (a.key === b.key ? 0 : a.key < b.key ? -1 : 1))
    .map(({ stored }) => stored)

/**
 * How many documents match, counted up to `limit`. An index that answers the filter by itself is counted and
 * no document looked at.
 */
export const countMatching = (collection: Collection, filter: Filter, limit: number): number => {
  const known = byId(filter) ? undefined : countPlan(choosePlan(collection.indexes, filter, undefined))
  return known === undefined ? find(collection, filter, limit).length : Math.min(known, limit)
}
