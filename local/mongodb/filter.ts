import { MongoFailure } from './failure.ts'
import { compare, type Doc, equal, isNumeric, keyOf, numberOf, rankOf, type Value } from './value.ts'

/** One condition that every match fulfils; `test` sees one leaf of the path. */
export type Clause = { path: string; op: string; operand: Value }

/** A parsed filter: the predicate, and the conditions of its top-level conjunction for the choice of an index. */
export type Filter = { matches(document: Doc): boolean; clauses: Clause[] }

type Leaf = Value | undefined
type Test = (leaf: Leaf) => boolean
type Predicate = (document: Value) => boolean

/**
 * Parses a filter.
 * @throws MongoFailure BadValue for operators this server does not know and for malformed operands
 */
export const parseFilter = (filter: Doc): Filter => {
  const clauses: Clause[] = []
  const matches = conjunction(filter, clauses)
  return { matches, clauses }
}

const conjunction = (filter: Doc, clauses: Clause[]): Predicate =>
  all([...filter].map(([name, operand]) => condition(name, operand, clauses)))

const all = (predicates: Predicate[]): Predicate => {
  const [first] = predicates
  if (predicates.length === 1 && first !== undefined) return first
  return document => predicates.every(matches => matches(document))
}

const condition = (name: string, operand: Value, clauses: Clause[]): Predicate => {
  if (name === '$and') return all(branches(operand).map(branch => conjunction(branch, clauses)))
  if (name === '$or') return anyOf(operand, clauses)
  if (name.startsWith('$'))
    throw new MongoFailure(
      'BadValue',
      `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
    )
  return fieldCondition(name, operand, clauses)
}

const anyOf = (operand: Value, clauses: Clause[]): Predicate => {
  const list = branches(operand)
  // An $or with one branch is that branch; of several none has to hold.
  const predicates = list.map(branch => conjunction(branch, list.length === 1 ? clauses : []))
  return document => predicates.some(matches => matches(document))
}

const branches = (operand: Value): Doc[] => {
  if (!Array.isArray(operand)) throw new MongoFailure('BadValue', '$and/$or/$nor must be an array')
  if (operand.length === 0) throw new MongoFailure('BadValue', '$and/$or/$nor must be a nonempty array')
  return operand.map(branch => {
    if (branch instanceof Map) return branch
    throw new MongoFailure('BadValue', '$or/$and/$nor entries need to be full objects')
  })
}

/** True for a document of operators, such as `{$gt: 1}`. */
export const isOperators = (value: Value | undefined): value is Doc =>
  value instanceof Map && (value.keys().next().value ?? '').startsWith('$')

const fieldCondition = (path: string, operand: Value, clauses: Clause[]): Predicate => {
  const at = path.split('.')
  const on = (op: string, value: Value): Predicate => {
    clauses.push({ path, op, operand: value })
    return operatorPredicate(at, op, value)
  }
  if (!isOperators(operand)) return on('$eq', operand)
  return all([...operand].map(([op, value]) => on(op, value)))
}

const operatorPredicate = (at: string[], op: string, operand: Value): Predicate => {
  if (op === '$exists') {
    const wanted = truthy(operand)
    return document => anyLeaf(document, at, 0, leaf => leaf !== undefined) === wanted
  }
  const positive = negated.get(op)
  if (positive !== undefined) {
    const test = leafTest(positive, operand, op)
    return document => !anyLeaf(document, at, 0, test)
  }
  if (op === '$not') return negation(at, operand)
  const test = leafTest(op, operand, op)
  return document => anyLeaf(document, at, 0, test)
}

const negated = new Map([
  ['$ne', '$eq'],
  ['$nin', '$in'],
])

const negation = (at: string[], operand: Value): Predicate => {
  if (!(operand instanceof Map)) throw new MongoFailure('BadValue', '$not needs a regex or a document')
  if (operand.size === 0) throw new MongoFailure('BadValue', '$not cannot be an empty object')
  const inner = all([...operand].map(([op, value]) => operatorPredicate(at, op, value)))
  return document => !inner(document)
}

const truthy = (value: Value): boolean =>
  isNumeric(value) ? Number(numberOf(value)) !== 0 : value !== null && value !== false

const leafTest = (op: string, operand: Value, name: string): Test => {
  const parse = leafTests.get(op)
  if (parse === undefined) throw new MongoFailure('BadValue', `unknown operator: ${name}`)
  return parse(operand, name)
}

const equals = (operand: Value): Test =>
  operand === null
    ? leaf => leaf === undefined || leaf === null
    : leaf => leaf !== undefined && equal(leaf, operand)

// Ranges compare within one type only; $lte and $gte of null find null and missing.
const range =
  (fits: (order: number) => boolean) =>
  (operand: Value): Test => {
    const rank = rankOf(operand)
    if (notANumber(operand)) return leaf => fits(0) && notANumber(leaf ?? null)
    return leaf => {
      const value = leaf ?? null
      return rankOf(value) === rank && !notANumber(value) && fits(compare(value, operand))
    }
  }

const notANumber = (value: Value): boolean => isNumeric(value) && Number.isNaN(numberOf(value))

const oneOf = (operand: Value, name: string): Test => {
  if (!Array.isArray(operand)) throw new MongoFailure('BadValue', `${name} needs an array`)
  if (operand.some(isOperators)) throw new MongoFailure('BadValue', `cannot nest $ under ${name}`)
  const keys = new Set(operand.map(keyOf))
  return leaf => keys.has(keyOf(leaf ?? null))
}

const leafTests = new Map<string, (operand: Value, name: string) => Test>(
  Object.entries({
    $eq: equals,
    $in: oneOf,
    $gt: range(order => order > 0),
    $gte: range(order => order >= 0),
    $lt: range(order => order < 0),
    $lte: range(order => order <= 0),
  }),
)

/** The operators of a filter, for the list of what this server knows. */
export const filterOperators = ['$and', '$or', '$not', '$exists', ...negated.keys(), ...leafTests.keys()]

/**
 * True when `test` holds for a value at the path. Arrays on the way are searched (one level, and by index),
 * an array at its end stands for its elements and itself; undefined stands for a missing field.
 */
export const anyLeaf = (value: Value, at: string[], depth: number, test: Test): boolean => {
  const name = at[depth]
  if (name === undefined) return Array.isArray(value) ? value.some(test) || test(value) : test(value)
  if (value instanceof Map) {
    const next = value.get(name)
    return next === undefined ? test(undefined) : anyLeaf(next, at, depth + 1, test)
  }
  if (!Array.isArray(value)) return test(undefined)
  return value.some((element, i) => anyOfElement(element, i, at, depth, test))
}

const anyOfElement = (element: Value, i: number, at: string[], depth: number, test: Test): boolean => {
  if (element instanceof Map && anyLeaf(element, at, depth, test)) return true
  if (at[depth] !== String(i)) return false
  if (depth + 1 === at.length) return test(element)
  return (element instanceof Map || Array.isArray(element)) && anyLeaf(element, at, depth + 1, test)
}
