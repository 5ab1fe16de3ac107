import { Double } from 'bson'
import { MongoFailure } from './failure.ts'
import { isOperators, parseFilter } from './filter.ts'
import { compare, type Doc, equal, isNumeric, numberOf, show, typeName, type Value } from './value.ts'

/** Changes the value at a path of a document, or throws and leaves the copy to be thrown away. */
export type Step = (document: Doc, at: string[]) => void

/** The value to store for the one that is there; undefined stands for a missing field, as result for "leave it". */
type Change = (old: Value | undefined, where: Where) => Value | undefined
type Where = { document: Doc; at: string[] }

const read = (document: Doc, at: string[]): Value | undefined => {
  let value: Value | undefined = document
  for (const name of at) value = child(value, name)
  return value
}

const child = (value: Value | undefined, name: string): Value | undefined => {
  if (value instanceof Map) return value.get(name)
  return Array.isArray(value) && isIndex(name) ? value[Number(name)] : undefined
}

const isIndex = (name: string): boolean => /^(0|[1-9]\d*)$/.test(name)

const changing =
  (change: Change): Step =>
  (document, at) => {
    const next = change(read(document, at), { document, at })
    if (next !== undefined) write(document, at, next)
  }

/** Puts a value at a path, with the documents on the way to it. */
export const write = (document: Doc, at: string[], value: Value): void => {
  let parent: Value = document
  for (const [i, name] of at.entries()) {
    const last = i === at.length - 1
    const there: Value | undefined = child(parent, name)
    const next: Value = last ? value : (there ?? (there === null ? null : new Map()))
    if (last || there === undefined) put(parent, name, next, { document, at: at.slice(0, i) })
    parent = next
  }
}

const put = (parent: Value, name: string, value: Value, where: Where): void => {
  if (parent instanceof Map) parent.set(name, value)
  else if (Array.isArray(parent) && isIndex(name)) putElement(parent, Number(name), value)
  else
    throw new MongoFailure(
      'PathNotViable',
      `Cannot create field '${name}' in element {${where.at.at(-1)}: ${show(parent)}}`,
    )
}

const putElement = (array: Value[], index: number, value: Value): void => {
  if (index > array.length + 1_500_000)
    throw new MongoFailure('CannotBackfillArray', `can't backfill more than 1500000 elements`)
  while (array.length < index) array.push(null)
  array[index] = value
}

const set = (operand: Value): Step => changing(() => operand)

const unset = (): Step => (document, at) => {
  const name = at.at(-1) ?? ''
  const parent = read(document, at.slice(0, -1))
  if (parent instanceof Map) parent.delete(name)
  else if (Array.isArray(parent) && child(parent, name) !== undefined) parent[Number(name)] = null
}

const increment = (operand: Value, path: string): Step => {
  if (!isNumeric(operand))
    throw new MongoFailure(
      'TypeMismatch',
      `Cannot increment with non-numeric argument: {${path}: ${show(operand)}}`,
    )
  return changing((old, where) => {
    if (old === undefined) return operand
    if (!isNumeric(old)) throw notIncrementable(old, where)
    return sum(old, operand, where)
  })
}

const notIncrementable = (old: Value, { document, at }: Where) =>
  new MongoFailure(
    'TypeMismatch',
    `Cannot apply $inc to a value of non-numeric type. {${idOf(document)}} has the field '${at.at(-1)}' of non-numeric type ${typeName(old)}`,
  )

const idOf = (document: Doc): string => `_id: ${show(document.get('_id') ?? null)}`

// int32 grows to int64, int64 never to double; a double makes the result one.
const sum = (old: number | bigint | Double, by: number | bigint | Double, where: Where): Value => {
  if (old instanceof Double || by instanceof Double)
    return new Double(Number(numberOf(old)) + Number(numberOf(by)))
  const total = BigInt(old) + BigInt(by)
  if (BigInt.asIntN(64, total) !== total)
    throw new MongoFailure(
      'BadValue',
      `Failed to apply $inc operations to current value ((${typeName(old) === 'int' ? 'NumberInt' : 'NumberLong'})${old}) for document {${idOf(where.document)}}`,
    )
  const small = typeof old === 'number' && typeof by === 'number' && BigInt.asIntN(32, total) === total
  return small ? Number(total) : total
}

const extreme =
  (wins: (order: number) => boolean) =>
  (operand: Value): Step =>
    changing(old => (old === undefined || wins(compare(operand, old)) ? operand : undefined))

const pushed = (operand: Value): Value[] => {
  const values = operand instanceof Map ? operand.get('$each') : undefined
  if (!(operand instanceof Map) || values === undefined) return [operand]
  const other = [...operand.keys()].find(key => key !== '$each')
  if (other !== undefined) throw new MongoFailure('BadValue', `Unrecognized clause in $push: ${other}`)
  if (Array.isArray(values)) return values
  throw new MongoFailure(
    'BadValue',
    `The argument to $each in $push must be an array but it was of type: ${typeName(values)}`,
  )
}

const push = (operand: Value): Step => {
  const added = pushed(operand)
  return changing((old, { document, at }) => {
    if (old === undefined) return [...added]
    if (Array.isArray(old)) return [...old, ...added]
    throw new MongoFailure(
      'BadValue',
      `The field '${at.join('.')}' must be an array but is of type ${typeName(old)} in document {${idOf(document)}}`,
    )
  })
}

const addedToSet = (operand: Value): Value[] => {
  const [name, values] = (operand instanceof Map ? [...operand][0] : undefined) ?? []
  if (!(operand instanceof Map) || name !== '$each' || values === undefined) return [operand]
  if (!Array.isArray(values))
    throw new MongoFailure(
      'TypeMismatch',
      `The argument to $each in $addToSet must be an array but it was of type ${typeName(values)}`,
    )
  if (operand.size === 1) return values
  throw new MongoFailure('BadValue', `Found unexpected fields after $each in $addToSet: ${show(operand)}`)
}

const addToSet = (operand: Value): Step => {
  const added = addedToSet(operand)
  return changing((old = [], { at }) => {
    if (!Array.isArray(old))
      throw new MongoFailure(
        'BadValue',
        `Cannot apply $addToSet to non-array field. Field named '${at.at(-1)}' has non-array type ${typeName(old)}`,
      )
    const set = [...old]
    for (const value of added) if (!set.some(has => equal(has, value))) set.push(value)
    return set
  })
}

const pull = (operand: Value): Step => {
  const goes = pulled(operand)
  return changing(old => {
    if (old === undefined) return undefined
    if (!Array.isArray(old)) throw new MongoFailure('BadValue', 'Cannot apply $pull to a non-array value')
    return old.filter(element => !goes(element))
  })
}

const pulled = (operand: Value): ((element: Value) => boolean) => {
  if (!(operand instanceof Map)) return element => equal(element, operand)
  if (isOperators(operand)) {
    const { matches } = parseFilter(new Map([['element', operand]]))
    return element => matches(new Map([['element', element]]))
  }
  const { matches } = parseFilter(operand)
  return element => element instanceof Map && matches(element)
}

/** The update operators, each checks its operand when parsed. */
export const updateOperators = new Map<string, (operand: Value, path: string) => Step>([
  ['$set', set],
  ['$setOnInsert', set],
  ['$unset', unset],
  ['$inc', increment],
  ['$min', extreme(order => order < 0)],
  ['$max', extreme(order => order > 0)],
  ['$push', push],
  ['$addToSet', addToSet],
  ['$pull', pull],
])
