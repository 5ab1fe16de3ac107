import { asArray, asDoc, type Doc, type Value } from './document.ts'
import { MongoFailure, refuse } from './failure.ts'
import { conditions, operatorsIn } from './filter.ts'
import { compare, keyOf } from './order.ts'

/** A parsed update: changes a document that nobody else sees, or throws; `inserting` when an upsert is about to insert it. */
export type Update = (document: Doc, inserting: boolean) => void

/** Changes the field `name` of the document that has it. */
type Change = (parent: Doc, name: string) => void
type Step = { path: string; at: string[]; operator: string; change: Change }

const set =
  (operand: Value): Change =>
  (parent, name) => {
    parent.set(name, operand)
  }

const unset = (): Change => (parent, name) => {
  parent.delete(name)
}

const push = (operand: Value): Change => {
  const [clause, other] = [...(asDoc(operand) ?? [])]
  if (clause?.[0] !== '$each' || other !== undefined)
    return refuse('NotImplemented', 'The embedded server pushes with $each and no other clause')
  const added = asArray(clause[1]) ?? refuse('BadValue', 'The argument to $each in $push must be an array')
  return (parent, name) => {
    const old = parent.get(name)
    const there = old === undefined ? [] : asArray(old)
    parent.set(name, [...(there ?? refuse('BadValue', `The field '${name}' must be an array`)), ...added])
  }
}

const pull = (operand: Value): Change => {
  const tests = conditions('', operand)
  const goes = (element: Value) => tests.every(({ test }) => test(keyOf(element)))
  return (parent, name) => {
    const old = parent.get(name)
    if (old === undefined) return
    const elements = asArray(old) ?? refuse('BadValue', 'Cannot apply $pull to a non-array value')
    if (elements.some(asArray))
      refuse('NotImplemented', 'The embedded server does not pull from nested arrays')
    const kept = elements.filter(element => !goes(element))
    if (kept.length < elements.length) parent.set(name, kept)
  }
}

/** The update operators, each checks its operand when parsed. */
export const updateOperators = new Map<string, (operand: Value) => Change>([
  ['$set', set],
  ['$setOnInsert', set],
  ['$unset', unset],
  ['$push', push],
  ['$pull', pull],
])

/**
 * Parses the `u` of an update.
 * @throws MongoFailure for whatever MongoDB refuses before it looks at a document
 */
export const parseUpdate = (update: Doc): Update => {
  const steps = [...update].flatMap(([operator, fields]) => stepsOf(operator, fields))
  if (update.size === 0) refuse('FailedToParse', 'The embedded server does not replace whole documents')
  steps.sort((a, b) => (order(a) < order(b) ? -1 : 1))
  refuseConflicts(steps)
  return (document, inserting) => {
    const id = document.get('_id')
    for (const step of steps) if (inserting || step.operator !== '$setOnInsert') apply(step, document)
    if (id !== undefined && (!document.has('_id') || compare(keyOf(id), keyOf(document.get('_id'))) !== 0))
      refuse(
        'ImmutableField',
        "Performing an update on the path '_id' would modify the immutable field '_id'",
      )
  }
}

// The order in which MongoDB adds new fields; a path stands right before those below it.
const order = ({ at }: Step): string => at.join('\0')

const stepsOf = (operator: string, fields: Value): Step[] => {
  const parse = updateOperators.get(operator) ?? refuse('FailedToParse', `Unknown modifier: ${operator}`)
  const document = asDoc(fields) ?? refuse('FailedToParse', 'Modifiers operate on fields')
  return [...document].map(([path, operand]) => ({
    path,
    at: partsOf(path),
    operator,
    change: parse(operand),
  }))
}

const partsOf = (path: string): string[] => {
  const at = path.split('.')
  if (at.includes('')) refuse('EmptyFieldName', `The update path '${path}' contains an empty field name.`)
  if (at.some(name => name.startsWith('$')))
    refuse('DollarPrefixedFieldName', `The dollar ($) prefixed field in '${path}' is not allowed`)
  if (at.some(name => /^\d+$/.test(name)))
    refuse('NotImplemented', `The embedded server does not take the number in '${path}' for a name`)
  return at
}

const refuseConflicts = (steps: Step[]): void => {
  for (const [i, { path }] of steps.entries()) {
    const next = steps[i + 1]?.path
    if (next === path || next?.startsWith(`${path}.`))
      refuse('ConflictingUpdateOperators', `Updating the path '${next}' would create a conflict at '${path}'`)
  }
}

// Reads the documents on the way to the last name and makes those that are missing, unless something is to be taken away.
const apply = ({ at, operator, change }: Step, document: Doc): void => {
  let parent = document
  for (const [i, name] of at.slice(0, -1).entries()) {
    const there = parent.get(name)
    if (there === undefined && ['$unset', '$pull'].includes(operator)) return
    const next = there === undefined ? new Map() : asDoc(there)
    if (next === undefined)
      throw new MongoFailure('PathNotViable', `Cannot create field '${at[i + 1]}' in element ${name}`)
    parent.set(name, next)
    parent = next
  }
  change(parent, at.at(-1) ?? '')
}

/** What an upsert inserts before its operators: the fields that the filter fixes. */
export const upsertBase = (filter: Doc): Doc => {
  const fixed = [...filter].filter(([, operand]) => operatorsIn(operand)?.has('$in') !== true)
  if (fixed.length < filter.size) refuse('NotImplemented', 'The embedded server does not upsert with $in')
  return new Map(fixed.filter(([, operand]) => !operatorsIn(operand)).sort(([a], [b]) => (a < b ? -1 : 1)))
}
