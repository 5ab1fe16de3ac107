import { after, afterType, columnOf, type Key, nothing, rankOf } from '../bson/order.ts'
import type { FieldName } from '../bson/walk.ts'
import type { Clause, Filter } from './filter.ts'
import type { Index, Stored } from './indexes.ts'

/**
 * How to reach a superset of the matching documents: stretches of an index, one for each key or range that is
 * asked for.
 */
export type Plan = {
  index: Index
  stretches: readonly Stretch[]
  sorted: boolean
  score: number
  /** Whether the stretches hold matching documents alone. */
  exact: boolean
}
/** From a key on, to before another one. */
type Stretch = { from: Key; to: Key }

/**
 * The index that narrows a filter most or gives the order of the field `sort`; at least the first one can
 * always be read.
 */
export const choosePlan = (indexes: readonly Index[], filter: Filter, sort: string | undefined): Plan =>
  indexes
    .filter(index => covers(index, filter))
    .map(index => planFor(index, filter, sort))
    .reduce((best, plan) => (plan.score > best.score ? plan : best))

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

const planFor = (index: Index, filter: Filter, sort: string | undefined): Plan => {
  const [first] = index.fields
  const { points, low, high } = boundsFor(
    index,
    filter.filter(({ field }) => field.text === first?.text),
  )
  const sorted = sort === first?.text && !index.multikey
  const whole = index.sparse || index.partial.length > 0
  const score = (points ? 8 : 3 * (Number(!!low) + Number(!!high))) + 2 * Number(sorted) + Number(whole)
  const stretches = points ? [...new Set(points.keys)].map(pointOf) : [rangeOf(low, high)]
  const given = [points, low, high, ...index.partial]
  const exact = filter.every(clause => given.some(one => one !== undefined && isSame(one, clause)))
  return { index, stretches, sorted, score, exact }
}

type Bounds = { points?: Clause | undefined; low?: Clause | undefined; high?: Clause | undefined }

// The clauses on the first field that an index can follow: keys, or bounds.
const boundsFor = ({ multikey }: Index, clauses: Filter): Bounds => {
  const points = clauses.find(({ op }) => op === '$eq' || op === '$in')
  if (points) return { points }
  const low = clauses.find(({ op }) => op === '$gt' || op === '$gte')
  // Of an array one element may be above a bound and another below.
  const high = multikey && low ? undefined : clauses.find(clause => isHigh(clause, low))
  return { low, high }
}

// Bounds of two types have nothing between them that both hold for, so one is enough.
const isHigh = ({ op, keys: [key = nothing] }: Clause, low: Clause | undefined): boolean =>
  (op === '$lt' || op === '$lte') && (low === undefined || rankOf(low.keys[0] ?? nothing) === rankOf(key))

const pointOf = (key: Key): Stretch => ({ from: columnOf(key), to: after(columnOf(key)) })

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
export const visitPlan = ({ index, stretches }: Plan, see: (stored: Stored) => boolean): void => {
  const seen = new Set<Stored>()
  let more = true
  for (const { from, to } of stretches) {
    if (!more) return
    index.entries().visit(from, to, ({ of }) => {
      if (index.multikey && seen.has(of)) return true // an array has several entries
      if (index.multikey) seen.add(of)
      more = see(of)
      return more
    })
  }
}

/**
 * How many documents an exact plan finds; undefined when they have to be looked at, because one may have
 * several entries.
 */
export const countPlan = ({ index, stretches, exact }: Plan): number | undefined =>
  exact && !index.multikey
    ? stretches.reduce((sum, { from, to }) => sum + index.entries().count(from, to), 0)
    : undefined
