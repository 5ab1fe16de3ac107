import { asArray, asDoc, type Doc, type Value } from './document.ts'
import { refuse } from './failure.ts'
import { comparableKey, compare, type Key, keyOf } from './order.ts'
import { firstNot } from './sorted.ts'

/** One condition of a filter, on a field of the document; `keys` are its operands in order, several for `$in` alone. */
export type Clause = { field: string; op: string; keys: Key[]; test(key: Key): boolean }

/** A parsed filter: conditions that all have to hold. */
export type Filter = readonly Clause[]

const compared =
  (fits: (order: number) => boolean) =>
  ([operand]: Key[]) =>
  (key: Key): boolean =>
    operand !== undefined && key.rank === operand.rank && fits(compare(key, operand))

const oneOf =
  (keys: Key[]) =>
  (key: Key): boolean => {
    const found = keys[firstNot(keys, other => compare(other, key) < 0)]
    return found !== undefined && compare(found, key) === 0
  }

// What an operator says of a key. Ranges compare within one type only.
const tests = new Map<string, (keys: Key[]) => Clause['test']>([
  ['$in', oneOf],
  ['$gt', compared(order => order > 0)],
  ['$gte', compared(order => order >= 0)],
  ['$lt', compared(order => order < 0)],
  ['$lte', compared(order => order <= 0)],
])

/** The query operators, for the list of what this server knows. */
export const filterOperators = [...tests.keys()]

/**
 * Parses a filter.
 * @throws MongoFailure BadValue for operators this server does not know, NotImplemented for operands that it does not compare
 */
export const parseFilter = (filter: Doc): Filter =>
  [...filter].flatMap(([field, operand]) => {
    if (field.startsWith('$')) refuse('BadValue', `unknown top level operator: ${field}`)
    refusePath(field)
    return conditions(field, operand)
  })

/** The conditions that the operand sets for the field. @throws MongoFailure as `parseFilter` does */
export const conditions = (field: string, operand: Value): Clause[] => {
  const operators = operatorsIn(operand)
  if (operators === undefined) {
    const keys = [comparableKey(operand)]
    return [{ field, op: '$eq', keys, test: oneOf(keys) }]
  }
  return [...operators].map(([op, value]) => {
    const test = tests.get(op) ?? refuse('BadValue', `unknown operator: ${op}`)
    const keys = (op === '$in' ? listOf(value) : [value]).map(comparableKey).sort(compare)
    return { field, op, keys, test: test(keys) }
  })
}

const listOf = (operand: Value): Value[] => asArray(operand) ?? refuse('BadValue', '$in needs an array')

/** A document of operators, such as `{$gt: 1}`; undefined for any other value. */
export const operatorsIn = (value: Value): Doc | undefined => {
  const document = asDoc(value)
  return document?.keys().next().value?.startsWith('$') ? document : undefined
}

/** Filters, sorts and indexes are on fields of the document itself. @throws MongoFailure NotImplemented for a dotted path */
export const refusePath = (field: string): void => {
  if (field.includes('.'))
    refuse('NotImplemented', `The embedded server does not look below a field: ${field}`)
}

/** Whether all conditions hold; an array stands for its elements. */
export const matches = (filter: Filter, document: Doc): boolean =>
  filter.every(({ field, test }) => {
    const value = document.get(field)
    return asArray(value)?.some(element => test(keyOf(element))) ?? test(keyOf(value))
  })
