import type { Clause } from './filter.ts'
import { compareKeys, type Entry, type Index } from './indexes.ts'
import { compare, type Doc, equal, rankOf, type Value } from './value.ts'

/** A stretch of an index: it begins at the first entry that is not `before` and ends at the first that is `past`. */
export type Stretch = { before(entry: Entry): boolean; past(entry: Entry): boolean }

/** How to reach a superset of the matching documents through an index. */
export type Plan = {
  index: Index
  stretches: Stretch[]
  score: number
  /** The entries come in the wanted order, or in its reverse. */
  sorted: 'forward' | 'backward' | undefined
}

/** The index that narrows a conjunction most or gives its order, or undefined when every document has to be looked at. */
export const choosePlan = (
  indexes: readonly Index[],
  clauses: readonly Clause[],
  sort: Doc,
): Plan | undefined => {
  let best: Plan | undefined
  for (const index of indexes) {
    if (!covers(index, clauses)) continue
    const { prefix, ...plan } = planFor(index, clauses)
    const sorted = index.multikey || plan.stretches.length > 1 ? undefined : sortedBy(index, prefix, sort)
    const score = plan.score + (sorted === undefined ? 0 : 2)
    if (score > (best?.score ?? 0)) best = { index, stretches: plan.stretches, score, sorted }
  }
  return best
}

// Within one value of its first columns an index is in the order of the others.
const sortedBy = ({ paths }: Index, prefix: number, sort: Doc): Plan['sorted'] => {
  const wanted = [...sort]
  const direction = wanted[0]?.[1]
  const follows = wanted.every(
    ([path, way], i) => path === paths[prefix + i] && equal(way, direction ?? null),
  )
  if (direction === undefined || !follows) return undefined
  return Number(direction) > 0 ? 'forward' : 'backward'
}

// A sparse or partial index serves only filters whose every match is in it.
const covers = (index: Index, clauses: readonly Clause[]): boolean => {
  const present = (path: string) => clauses.some(clause => clause.path === path && impliesPresence(clause))
  if (index.sparse && !index.paths.some(present)) return false
  return (index.partial?.clauses ?? []).every(
    needed =>
      (needed.op === '$exists' && present(needed.path)) ||
      clauses.some(c => c.path === needed.path && c.op === needed.op && equal(c.operand, needed.operand)),
  )
}

const impliesPresence = ({ op, operand }: Clause): boolean => {
  if (op === '$exists') return operand === true
  if (op === '$in') return Array.isArray(operand) && !operand.includes(null)
  return ['$eq', '$gt', '$gte', '$lt', '$lte'].includes(op) && operand !== null
}

const planFor = (index: Index, clauses: readonly Clause[]) => {
  const prefix: Value[] = []
  const columns = index.paths.length
  const on = (column: number) =>
    clauses.filter(c => c.path === index.paths[column] && !(Array.isArray(c.operand) && c.op !== '$in'))
  for (; prefix.length < columns; ) {
    const fixed = on(prefix.length).find(({ op }) => op === '$eq')
    if (fixed === undefined) break
    prefix.push(fixed.operand)
  }
  const next = prefix.length < columns ? on(prefix.length) : []
  const inList = next.find(c => c.op === '$in' && Array.isArray(c.operand) && !c.operand.some(Array.isArray))
  if (inList !== undefined) {
    const stretches = (inList.operand as Value[]).map(value =>
      within([...prefix, value], undefined, undefined),
    )
    return { prefix: prefix.length, stretches, score: 10 * prefix.length + 8 }
  }
  // Of an array different elements may meet the two bounds.
  const low = next.find(({ op }) => op === '$gt' || op === '$gte')
  const high = next.find(({ op }) => op === '$lt' || op === '$lte')
  const stretch = within(prefix, low, index.multikey && low !== undefined ? undefined : high)
  const whole = index.sparse || index.partial !== undefined ? 1 : 0
  const bounds = (low === undefined ? 0 : 3) + (high === undefined ? 0 : 3)
  return { prefix: prefix.length, stretches: [stretch], score: 10 * prefix.length + bounds + whole }
}

// A range stays within the type of its operand, as the operators do.
const within = (prefix: Value[], low: Clause | undefined, high: Clause | undefined): Stretch => {
  const column = prefix.length
  const bound = low ?? high
  const tooLow = ({ keys }: Entry): boolean => {
    if (low === undefined) return bound !== undefined && rankOf(keys[column]) < rankOf(bound.operand)
    const order = compare(keys[column], low.operand)
    return low.op === '$gt' ? order <= 0 : order < 0
  }
  const tooHigh = ({ keys }: Entry): boolean => {
    if (high === undefined) return bound !== undefined && rankOf(keys[column]) > rankOf(bound.operand)
    const order = compare(keys[column], high.operand)
    return high.op === '$lt' ? order >= 0 : order > 0
  }
  return {
    before: entry => (compareKeys(entry.keys, prefix) || (tooLow(entry) ? -1 : 0)) < 0,
    past: entry => (compareKeys(entry.keys, prefix) || (tooHigh(entry) ? 1 : 0)) > 0,
  }
}
