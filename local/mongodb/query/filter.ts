import { asArray, asDoc, type Doc, type Span, spanAt, type Value } from '../bson/document.ts'
import { comparableKey, type Key, keyAt, keyOf, nothing, rankOf } from '../bson/order.ts'
import { type FieldName, fieldAt, fieldName, nameOf, Walk } from '../bson/walk.ts'
import { refuse } from '../failure.ts'

/**
 * One condition of a filter, on a field of the document; `keys` are its operands in order, several for `$in`
 * alone.
 */
export type Clause = { field: FieldName; op: string; keys: Key[]; test(key: Key): boolean }

/** A parsed filter: conditions that all have to hold. */
export type Filter = readonly Clause[]

// Ranges compare within one type only.
const compared =
  (fits: (key: Key, operand: Key) => boolean) =>
  ([operand = nothing]: Key[]) =>
  (key: Key): boolean =>
    rankOf(key) === rankOf(operand) && fits(key, operand)

const equal =
  ([operand]: Key[]) =>
  (key: Key): boolean =>
    key === operand

const oneOf = (keys: Key[]): Clause['test'] => {
  const all = new Set(keys)
  return key => all.has(key)
}

// What an operator says of a key.
const tests = new Map<string, (keys: Key[]) => Clause['test']>([
  ['$in', oneOf],
  ['$gt', compared((key, operand) => key > operand)],
  ['$gte', compared((key, operand) => key >= operand)],
  ['$lt', compared((key, operand) => key < operand)],
  ['$lte', compared((key, operand) => key <= operand)],
])

/** The query operators, for the list of what this server knows. */
export const filterOperators = [...tests.keys()]

// The names that filters ask for, made once each. A client that asks for ever new ones makes them anew.
const known = new Map<string, FieldName>()
const knownNames = 1_000

/**
 * The name of a field that filters, sorts and indexes ask for. @throws MongoFailure NotImplemented for a
 * dotted path
 */
export const topField = (text: string): FieldName => {
  const there = known.get(text)
  if (there !== undefined) return there
  if (text.includes('.')) refuse('NotImplemented', `The embedded server does not look below a field: ${text}`)
  const made = fieldName(text)
  if (known.size < knownNames) known.set(text, made)
  return made
}

/**
 * Parses a filter.
 * @throws MongoFailure BadValue for operators this server does not know, NotImplemented for operands that it
 * does not compare
 */
export const parseFilter = (filter: Span | undefined): Filter => {
  if (filter === undefined) return []
  const clauses: Clause[] = []
  const walk = new Walk(filter.bytes, filter.at)
  while (walk.next()) {
    const field = nameOf(walk)
    if (field.startsWith('$')) refuse('BadValue', `unknown top level operator: ${field}`)
    topField(field)
    clauses.push(...conditions(field, spanAt(walk)))
  }
  return clauses
}

/** The conditions that the operand sets for the field. @throws MongoFailure as `parseFilter` does */
export const conditions = (name: string, operand: Span): Clause[] => {
  const operators = operand.type === 3 ? operatorsIn(operand) : undefined
  const field = topField(name)
  if (operators === undefined) {
    const keys = [comparableKey(operand)]
    return [{ field, op: '$eq', keys, test: equal(keys) }]
  }
  return [...operators].map(([op, value]) => {
    const test = tests.get(op) ?? refuse('BadValue', `unknown operator: ${op}`)
    const keys = op === '$in' ? listOf(value).map(comparableKey).sort() : [comparableKey(value)]
    return { field, op, keys, test: test(keys) }
  })
}

const listOf = (operand: Value): Span[] => asArray(operand) ?? refuse('BadValue', '$in needs an array')

// A document of operators, such as `{$gt: 1}`; undefined for any other value.
const operatorsIn = (value: Span): Doc | undefined => {
  const document = asDoc(value)
  return document?.keys().next().value?.startsWith('$') ? document : undefined
}

/** The fields of a filter, each with its operand, and with the operators when it is made of some. */
export const operandsOf = (filter: Span): { field: string; operand: Span; operators: Doc | undefined }[] => {
  const operands = []
  const walk = new Walk(filter.bytes, filter.at)
  while (walk.next())
    operands.push({ field: nameOf(walk), operand: spanAt(walk), operators: operatorsIn(spanAt(walk)) })
  return operands
}

/** Whether all conditions hold for the document at `at`; an array stands for its elements. */
export const matches = (filter: Filter, bytes: Buffer, at: number): boolean => {
  for (const { field, test } of filter) {
    const value = fieldAt(bytes, at, field)
    if (value === undefined ? !test(nothing) : !holds(value, test)) return false
  }
  return true
}

const holds = ({ type, bytes, at, end }: Walk, test: Clause['test']): boolean =>
  type === 4
    ? (asArray({ type, bytes, at, end }) ?? []).some(element => test(keyOf(element)))
    : test(keyAt(type, bytes, at, end))
