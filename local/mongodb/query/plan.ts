import { after, afterType, columnOf, type Key, nothing, rankOf } from '../bson/order.ts'
import type { FieldName } from '../bson/walk.ts'
import type { Clause, Filter } from './filter.ts'
import type { Index, Stored } from './indexes.ts'

/** The field that documents are sorted by, from the lowest or from the highest. */
export type Sort = { readonly field: string; readonly descending: boolean }

/** What is asked of the plans: so many documents out of `size`, in this order. */
export type PlanQuery = {
  readonly filter: Filter
  readonly sort: Sort | undefined
  readonly limit: number
  /** How many documents there are. */
  readonly size: number
}

/**
 * How to reach a superset of the matching documents: stretches of an index, one for each key or range that is
 * asked for.
 */
export type Plan = {
  index: Index
  stretches: readonly Stretch[]
  /** Whether the stretches, read this way, are in the order that is asked for. */
  sorted: boolean
  descending: boolean
  /** Whether the stretches hold matching documents alone. */
  exact: boolean
}
/** From a key on, to before another one. */
type Stretch = { from: Key; to: Key }

/** The plan that looks at the fewest documents; at least the first index can always be read. */
export const choosePlan = (indexes: readonly Index[], query: PlanQuery): Plan =>
  indexes
    .filter(index => covers(index, query.filter))
    .map(index => planFor(index, query))
    .map(plan => ({ plan, cost: costOf(plan, query) }))
    .reduce((best, one) => (one.cost < best.cost ? one : best)).plan

// A sparse or partial index serves only filters whose every match is in it.
const covers = ({ sparse, fields, partial }: Index, filter: Filter): boolean =>
  (!sparse || filter.some(clause => isOn(clause, fields) && !clause.keys.includes(nothing))) &&
  partial.every(condition => filter.some(clause => isSame(clause, condition)))

const isOn = ({ field }: Clause, fields: readonly FieldName[]): boolean =>
  fields.some(({ text }) => text === field.text)

const isSame = (a: Clause, b: Clause): boolean =>
  a.field.text === b.field.text &&
  a.op === b.op &&
  a.keys.length === b.keys.length &&
  a.keys.every((key, i) => key === b.keys[i])

/** What is read, and read twice when it has to be sorted; an order ends with the limit if nothing is left out. */
const costOf = (plan: Plan, { sort, limit, size }: PlanQuery): number => {
  const entries = isWhole(plan) ? size : countEntries(plan)
  if (sort !== undefined && !plan.sorted) return 2 * entries
  return plan.exact ? Math.min(entries, limit) : entries + 0.5
}

// Counting the entries of `_id` would make its order, which is made only when it is followed.
const isWhole = ({ index, stretches: [first] }: Plan): boolean =>
  first?.from === '' && !index.sparse && index.partial.length === 0

const countEntries = ({ index, stretches }: Plan): number =>
  stretches.reduce((sum, { from, to }) => sum + index.entries().count(from, to), 0)

const planFor = (index: Index, { filter, sort }: PlanQuery): Plan => {
  const [first, second] = index.fields
  const outer = boundsFor(index, filter, first)
  const [prefix, another] = new Set(outer.points?.keys)
  // Behind one key of the first field the entries are in the order of the second one.
  const isPrefixed = prefix !== undefined && another === undefined && second !== undefined
  const inner = isPrefixed ? boundsFor(index, filter, second) : {}
  const stretches = isPrefixed
    ? stretchesOf(inner).map(stretch => behind(columnOf(prefix), stretch))
    : stretchesOf(outer)
  const ordering = sort && [first, ...(isPrefixed ? [second] : [])].find(one => one?.text === sort.field)
  const given = [outer, inner].flatMap(({ points, low, high }) => [points, low, high])
  return {
    ...{ index, stretches, descending: sort?.descending === true },
    sorted: ordering !== undefined && !index.arrays.has(ordering.text),
    exact: filter.every(clause => [...given, ...index.partial].some(one => one && isSame(one, clause))),
  }
}

type Bounds = { points?: Clause | undefined; low?: Clause | undefined; high?: Clause | undefined }

// The clauses on a field that an index can follow: keys, or bounds.
const boundsFor = ({ arrays }: Index, filter: Filter, of: FieldName | undefined): Bounds => {
  const clauses = filter.filter(({ field }) => field.text === of?.text)
  const points = clauses.find(({ op }) => op === '$eq' || op === '$in')
  if (points) return { points }
  const low = clauses.find(({ op }) => op === '$gt' || op === '$gte')
  // Of an array one element may be above a bound and another below.
  const high = of && arrays.has(of.text) && low ? undefined : clauses.find(clause => isHigh(clause, low))
  return { low, high }
}

// Bounds of two types have nothing between them that both hold for, so one is enough.
const isHigh = ({ op, keys: [key = nothing] }: Clause, low: Clause | undefined): boolean =>
  (op === '$lt' || op === '$lte') && (low === undefined || rankOf(low.keys[0] ?? nothing) === rankOf(key))

const stretchesOf = ({ points, low, high }: Bounds): Stretch[] =>
  points ? [...new Set(points.keys)].map(pointOf) : [rangeOf(low, high)]

const pointOf = (key: Key): Stretch => ({ from: columnOf(key), to: after(columnOf(key)) })

const behind = (prefix: Key, { from, to }: Stretch): Stretch => ({ from: prefix + from, to: prefix + to })

// A range stays within the type of its operand, as the operators do.
const rangeOf = (low: Clause | undefined, high: Clause | undefined): Stretch => {
  const [from, to] = [low?.keys[0], high?.keys[0]]
  return {
    from: from === undefined ? rankOf(to ?? '') : boundOf(from, low?.op === '$gt'),
    to: to === undefined ? endOf(from) : boundOf(to, high?.op === '$lte'),
  }
}
const endOf = (from: Key | undefined): Key => (from === undefined ? after('') : afterType(from))
const boundOf = (key: Key, behind: boolean): Key => (behind ? after(columnOf(key)) : columnOf(key))

/** Shows the documents of a plan, each once, in its order, until `see` says false. */
export const visitPlan = ({ index, stretches, descending }: Plan, see: (stored: Stored) => boolean): void => {
  const seen = new Set<Stored>()
  const severally = index.arrays.size > 0 // an array has several entries
  let more = true
  const show = ({ of }: { of: Stored }) => {
    if (severally && seen.has(of)) return true
    if (severally) seen.add(of)
    more = see(of)
    return more
  }
  for (const { from, to } of descending ? [...stretches].reverse() : stretches) {
    if (!more) return
    if (descending) index.entries().visitBack(from, to, show)
    else index.entries().visit(from, to, show)
  }
}

/**
 * How many documents an exact plan finds; undefined when they have to be looked at, because one may have
 * several entries.
 */
export const countPlan = (plan: Plan): number | undefined =>
  plan.exact && plan.index.arrays.size === 0 ? countEntries(plan) : undefined
