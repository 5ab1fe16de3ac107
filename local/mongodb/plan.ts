import type { Filter } from './filter.ts'
import type { Entry, Index, Stored } from './indexes.ts'
import { compare, compareRows, type Key, lowest, nothing } from './order.ts'

/** How to reach a superset of the matching documents: stretches of an index, one for each key or range that is asked for. */
export type Plan = { index: Index; stretches: Stretch[]; sorted: boolean; score: number }
type Stretch = { before(entry: Entry): boolean; past(entry: Entry): boolean }

/** The index that narrows a filter most or gives the order of the field `sort`; at least the first one can always be read. */
export const choosePlan = (indexes: readonly Index[], filter: Filter, sort: string | undefined): Plan =>
  indexes
    .filter(index => covers(index, filter))
    .map(index => planFor(index, filter, sort))
    .reduce((best, plan) => (plan.score > best.score ? plan : best))

// A sparse or partial index serves only filters whose every match is in it.
const covers = ({ sparse, fields, partial }: Index, filter: Filter): boolean =>
  (!sparse || filter.some(({ field, keys }) => fields.includes(field) && !keys.includes(nothing))) &&
  partial.every(({ field, op, keys }) =>
    filter.some(
      clause =>
        clause.field === field &&
        clause.op === op &&
        clause.keys.length === keys.length &&
        compareRows(clause.keys, keys) === 0,
    ),
  )

const planFor = (index: Index, filter: Filter, sort: string | undefined): Plan => {
  const [first = ''] = index.fields
  const clauses = filter.filter(({ field }) => field === first)
  const points = clauses.find(({ op }) => op === '$eq' || op === '$in')?.keys
  const low = clauses.find(({ op }) => op === '$gt' || op === '$gte')?.keys[0]
  // Of an array one element may be above a bound and another below.
  const high =
    index.multikey && low ? undefined : clauses.find(({ op }) => op === '$lt' || op === '$lte')?.keys[0]
  const sorted = sort === first && !index.multikey
  const whole = index.sparse || index.partial.length > 0 ? 1 : 0
  const score = (points ? 8 : (low ? 3 : 0) + (high ? 3 : 0)) + (sorted ? 2 : 0) + whole
  const stretches = points?.map(key => stretch(key, key)) ?? [stretch(low, high)]
  return { index, stretches, sorted, score }
}

// A range stays within the type of its operand, as the operators do; whether the bounds belong to it is left to the filter.
const stretch = (low: Key | undefined, high: Key | undefined): Stretch => ({
  before: ({ keys: [key = lowest] }) =>
    low ? compare(key, low) < 0 : high !== undefined && key.rank < high.rank,
  past: ({ keys: [key = lowest] }) =>
    high ? compare(key, high) > 0 : low !== undefined && key.rank > low.rank,
})

/** The documents of a plan, each once, in its order. */
export function* candidates({ index, stretches }: Plan): Generator<Stored, void> {
  const seen = new Set<Stored>()
  for (const { before, past } of stretches) {
    for (const entry of index.entries.from(before)) {
      if (past(entry)) break
      if (seen.has(entry.of)) continue // an array has several entries, and a list may name a key twice
      seen.add(entry.of)
      yield entry.of
    }
  }
}
