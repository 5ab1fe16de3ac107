import { MongoFailure } from './failure.ts'
import { isOperators } from './filter.ts'
import { type Step, updateOperators, write } from './operators.ts'
import { type Doc, equal, show, typeName, type Value } from './value.ts'

/** A parsed update: `apply` changes the given document, which must be a private copy, or throws. */
export type Update = {
  replaces: boolean
  /** `inserting` is true for the document that an upsert is about to insert. */
  apply(document: Doc, inserting: boolean): Doc
}

type Planned = { path: string; at: string[]; step: Step; name: string; position: number }

/**
 * Parses the `u` of an update: operators or a whole replacement document.
 * @throws MongoFailure for whatever MongoDB refuses before it looks at a document
 */
export const parseUpdate = (update: Value | undefined): Update => {
  if (Array.isArray(update))
    throw new MongoFailure('FailedToParse', 'Update pipelines are not supported by the embedded server')
  if (!(update instanceof Map))
    throw new MongoFailure('FailedToParse', 'Update argument must be either an object or an array')
  return (update.keys().next().value ?? '').startsWith('$') ? modifier(update) : replacement(update)
}

const modifier = (update: Doc): Update => {
  const planned = [...update].flatMap(([name, fields]) => plan(name, fields))
  for (const [position, one] of planned.entries()) one.position = position
  planned.sort((a, b) => comparePaths(a.at, b.at))
  refuseConflicts(planned)
  const apply = (document: Doc, inserting: boolean): Doc => {
    const id = document.get('_id')
    for (const { at, step, name } of planned) if (inserting || name !== '$setOnInsert') step(document, at)
    if (id !== undefined) refuseOtherId(id, document.get('_id'))
    return document
  }
  return { replaces: false, apply }
}

const plan = (name: string, fields: Value): Planned[] => {
  const parse = updateOperators.get(name)
  if (parse === undefined)
    throw new MongoFailure(
      'FailedToParse',
      `Unknown modifier: ${name}. Expected a valid update modifier or pipeline-style update specified as an array`,
    )
  if (!(fields instanceof Map))
    throw new MongoFailure(
      'FailedToParse',
      `Modifiers operate on fields but we found type ${typeName(fields)} instead. For example: {$mod: {<field>: ...}} not {${name}: ${show(fields)}}`,
    )
  return [...fields].map(([path, operand]) => ({
    path,
    at: pathOf(path),
    step: parse(operand, path),
    name,
    position: 0,
  }))
}

const pathOf = (path: string): string[] => {
  if (path === '') throw new MongoFailure('EmptyFieldName', 'An empty update path is not valid.')
  const at = path.split('.')
  if (at.includes(''))
    throw new MongoFailure(
      'EmptyFieldName',
      `The update path '${path}' contains an empty field name, which is not allowed.`,
    )
  const dollar = at.find(name => name.startsWith('$'))
  if (dollar !== undefined) refuseDollar(dollar, path)
  return at
}

const refuseDollar = (name: string, path: string): never => {
  if (name === '$' || name.startsWith('$['))
    throw new MongoFailure(
      'BadValue',
      `The positional operator in '${path}' is not supported by the embedded server`,
    )
  throw new MongoFailure(
    'DollarPrefixedFieldName',
    `The dollar ($) prefixed field '${name}' in '${path}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
  )
}

// Numbers in numeric order, other names byte by byte: the order in which MongoDB adds new fields.
const comparePaths = (a: string[], b: string[]): number => {
  for (const [i, name] of a.entries()) {
    const other = b[i]
    if (other === undefined) return 1
    if (name === other) continue
    const numeric = /^\d+$/.test(name) && /^\d+$/.test(other) ? Number(name) - Number(other) : 0
    return numeric || (name < other ? -1 : 1)
  }
  return a.length - b.length
}

// In sorted order a path stands right before those below it.
const refuseConflicts = (planned: Planned[]): void => {
  for (const [i, upper] of planned.entries()) {
    const below = planned[i + 1]
    if (below === undefined || (below.path !== upper.path && !below.path.startsWith(`${upper.path}.`)))
      continue
    const later = upper.position > below.position ? upper : below
    throw new MongoFailure(
      'ConflictingUpdateOperators',
      `Updating the path '${later.path}' would create a conflict at '${upper.path}'`,
    )
  }
}

const refuseOtherId = (id: Value, now: Value | undefined): void => {
  if (now !== undefined && equal(id, now)) return
  throw new MongoFailure(
    'ImmutableField',
    `Performing an update on the path '_id' would modify the immutable field '_id'`,
  )
}

const replacement = (update: Doc): Update => {
  for (const name of update.keys()) if (name.startsWith('$')) refuseDollar(name, name)
  const apply = (document: Doc): Doc => {
    const id = document.get('_id')
    const wanted = update.get('_id')
    if (id !== undefined && wanted !== undefined && !equal(id, wanted))
      throw new MongoFailure(
        'ImmutableField',
        `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${show(wanted)}`,
      )
    const rest = new Map(update)
    rest.delete('_id')
    const kept = id ?? wanted
    return kept === undefined ? rest : new Map([['_id', kept], ...rest])
  }
  return { replaces: true, apply }
}

type Fixed = { at: string[]; path: string; value: Value }

/**
 * The document an upsert starts from: the fields that the filter fixes by equality, for a replacement `_id` alone.
 * @throws MongoFailure NotSingleValueField when a path is fixed twice
 */
export const upsertBase = (filter: Doc, { replaces }: Update): Doc => {
  const fixed = fixedIn(filter).filter(({ at }) => !replaces || at[0] === '_id')
  fixed.sort((a, b) => comparePaths(a.at, b.at))
  const document: Doc = new Map()
  for (const [i, { at, path, value }] of fixed.entries()) {
    refuseTwice(fixed[i - 1]?.path, path)
    if (replaces && path !== '_id')
      throw new MongoFailure(
        'NotExactValueField',
        `field at '_id' must be exactly specified, field at sub-path '${path}'found`,
      )
    write(document, at, value)
  }
  return document
}

const fixedIn = (filter: Doc): Fixed[] =>
  [...filter].flatMap(([path, operand]) => {
    if (path === '$and' || (path === '$or' && (operand as Doc[]).length === 1))
      return (operand as Doc[]).flatMap(fixedIn)
    const value = path.startsWith('$') ? undefined : fixedValue(operand)
    return value === undefined ? [] : [{ at: path.split('.'), path, value }]
  })

const fixedValue = (operand: Value): Value | undefined => {
  if (!isOperators(operand)) return operand
  const one = operand.get('$in')
  return Array.isArray(one) && one.length === 1 ? one[0] : operand.get('$eq')
}

const refuseTwice = (before: string | undefined, path: string): void => {
  if (before === path)
    throw new MongoFailure(
      'NotSingleValueField',
      `cannot infer query fields to set, path '${path}' is matched twice`,
    )
  if (path.startsWith(`${before}.`))
    throw new MongoFailure(
      'NotSingleValueField',
      `cannot infer query fields to set, both paths '${path}' and '${before}' are matched`,
    )
}
