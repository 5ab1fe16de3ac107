import { encode, type Span, spanAt } from '../bson/document.ts'
import { nameOf, Walk } from '../bson/walk.ts'
import { refuse } from '../failure.ts'
import { operandsOf } from '../query/filter.ts'
import { applyTree, Branch, grow } from './change-tree.ts'
import { type Operator, pull, push, set, unset } from './operations.ts'
import { Patch } from './patch.ts'

/** The update operators. */
export const updateOperators = new Map<string, Operator>([
  ['$set', set],
  ['$setOnInsert', set],
  ['$unset', unset],
  ['$push', push],
  ['$pull', pull],
])

/**
 * Parses the `u` of an update. The tree is good for one document.
 * @throws MongoFailure for whatever MongoDB refuses before it looks at a document
 */
export const parseUpdate = (update: Span): Branch => {
  if (update.type !== 3) return refuse('FailedToParse', 'The embedded server takes no pipelines')
  const root = new Branch(update.bytes, update.at, update.at)
  const operators = new Walk(update.bytes, update.at)
  let some = false
  while (operators.next()) {
    some = true
    growFrom(root, operators)
  }
  if (!some) refuse('FailedToParse', 'The embedded server does not replace whole documents')
  return root
}

const growFrom = (root: Branch, operators: Walk): void => {
  const name = nameOf(operators)
  const operation = updateOperators.get(name) ?? refuse('FailedToParse', `Unknown modifier: ${name}`)
  if (operators.type !== 3) refuse('FailedToParse', 'Modifiers operate on fields')
  const inserting = name === '$setOnInsert'
  const fields = new Walk(operators.bytes, operators.at)
  while (fields.next()) {
    const operand = spanAt(fields)
    operation.check?.(operand)
    grow(root, fields.bytes, fields.name, fields.at - 1, { operation, operand, inserting })
  }
}

const patch = new Patch()

/**
 * What the update changes in the document at `at`; `inserting` when an upsert is about to insert it. The
 * patch is good until the next call.
 * @throws MongoFailure when an operator cannot be applied
 */
export const patchOf = (update: Branch, bytes: Buffer, at: number, inserting: boolean): Patch => {
  patch.reset()
  const entered = patch.enter(0, bytes.readInt32LE(at))
  applyTree(patch, at, new Walk(bytes, at), update, inserting)
  patch.leave(entered)
  return patch
}

/** What an upsert inserts before its operators: the fields that the filter fixes. */
export const upsertBase = (query: Span): Buffer => {
  const operands = operandsOf(query)
  if (operands.some(({ operators }) => operators?.has('$in')))
    refuse('NotImplemented', 'The embedded server does not upsert with $in')
  const fixed = operands.filter(({ operators }) => operators === undefined)
  return encode(
    fixed.map(({ field, operand }) => [field, operand] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}
