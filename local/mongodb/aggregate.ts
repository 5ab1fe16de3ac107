import { type Call, count, document, fieldsOf, list, namespace, required } from './call.ts'
import { find } from './collection.ts'
import { encode } from './document.ts'
import { MongoFailure } from './failure.ts'
import { parseFilter } from './filter.ts'
import { increment } from './operators.ts'
import { type Doc, isNumeric, keyOf, type Value } from './value.ts'

type Stage = (documents: Doc[]) => Doc[]

/** The small part of aggregation that counting takes: `$match`, `$skip`, `$limit`, `$group` with `$sum`, `$count`. */
export const aggregateCommand = (call: Call): Buffer => {
  const from = fieldsOf(call)
  const ns = namespace(call)
  const pipeline = required(from, 'pipeline', list(from, 'pipeline')).map(stageOf)
  const first =
    pipeline[0]?.[0] === '$match' ? matchOf(pipeline.shift()?.[1] ?? null) : parseFilter(new Map())
  const stages = pipeline.map(([name, operand]) => parseStage(name, operand))
  const cursor = required(from, 'cursor', document(from, 'cursor'))
  const batchSize = count({ name: 'aggregate.cursor', fields: cursor }, 'batchSize') ?? 101
  const collection = call.state.collections.get(ns)
  let documents = collection === undefined ? [] : find(collection, first).map(found => found.document)
  for (const stage of stages) documents = stage(documents)
  return call.state.cursors.open(ns, documents.map(encode), batchSize, false)
}

const stageOf = (stage: Value): [string, Value] => {
  const [first] = stage instanceof Map ? stage : []
  if (first !== undefined && (stage as Doc).size === 1) return first
  throw new MongoFailure(
    'Location40323',
    'A pipeline stage specification object must contain exactly one field.',
  )
}

const matchOf = (operand: Value) => {
  if (operand instanceof Map) return parseFilter(operand)
  throw new MongoFailure('Location15959', 'the match filter must be an expression in an object')
}

const parseStage = (name: string, operand: Value): Stage => {
  const parse = stages.get(name)
  if (parse === undefined)
    throw new MongoFailure('Location40324', `Unrecognized pipeline stage name: '${name}'`)
  return parse(operand)
}

const whole = (name: string, operand: Value): number =>
  count({ name, fields: new Map([[name, operand]]) }, name) ?? 0

const group = (operand: Value): Stage => {
  if (!(operand instanceof Map) || !operand.has('_id'))
    throw new MongoFailure('Location15955', 'a group specification must include an _id')
  const idOf = expression(operand.get('_id') ?? null)
  const sums = [...operand].filter(([name]) => name !== '_id')
  const adds = sums.map(([name, sum]) => summand(name, sum))
  return documents => {
    const groups = new Map<string, Doc>()
    for (const document of documents) {
      const id = idOf(document) ?? null
      const into =
        groups.get(keyOf(id)) ?? new Map([['_id', id], ...sums.map(([name]) => [name, 0] as const)])
      groups.set(keyOf(id), into)
      for (const add of adds) add(into, document)
    }
    return [...groups.values()]
  }
}

// $sum adds numbers as $inc does, and passes over everything else.
const summand = (name: string, sum: Value) => {
  const operand = sum instanceof Map && sum.size === 1 ? sum.get('$sum') : undefined
  if (operand === undefined)
    throw new MongoFailure('NotImplemented', 'The embedded server groups by $sum only')
  const summed = expression(operand)
  return (into: Doc, document: Doc) => {
    const value = summed(document)
    if (isNumeric(value)) increment(value, name)(into, [name])
  }
}

const expression = (value: Value): ((document: Doc) => Value | undefined) => {
  if (typeof value === 'object' && value !== null)
    throw new MongoFailure(
      'NotImplemented',
      'The embedded server knows no expressions but constants and fields',
    )
  if (typeof value !== 'string' || !value.startsWith('$')) return () => value
  const at = value.slice(1).split('.')
  return document => at.reduce<Value | undefined>(fieldIn, document)
}

const fieldIn = (value: Value | undefined, name: string): Value | undefined => {
  if (Array.isArray(value))
    throw new MongoFailure(
      'NotImplemented',
      'The embedded server reads no fields of array elements in $group',
    )
  return value instanceof Map ? value.get(name) : undefined
}

const stages = new Map<string, (operand: Value) => Stage>([
  [
    '$match',
    operand => {
      const { matches } = matchOf(operand)
      return documents => documents.filter(matches)
    },
  ],
  ['$skip', operand => documents => documents.slice(whole('$skip', operand))],
  ['$limit', operand => documents => documents.slice(0, whole('$limit', operand))],
  ['$group', group],
  [
    '$count',
    operand => documents => (documents.length === 0 ? [] : [new Map([[String(operand), documents.length]])]),
  ],
])

/** The stages of a pipeline, for the list of what this server knows. */
export const aggregateStages = [...stages.keys()]
