import { docOf } from './answer.ts'
import { type Call, count, document, fieldsOf, list, namespace, required } from './call.ts'
import { find } from './collection.ts'
import { encode } from './document.ts'
import { MongoFailure } from './failure.ts'
import { parseFilter } from './filter.ts'
import { type Doc, equal, type Value } from './value.ts'

/** The stages that `countDocuments` sends, in its order. */
export const aggregateStages = ['$match', '$skip', '$limit', '$group'] as const

/** Counts as `countDocuments` asks for it; every other pipeline is refused. */
export const aggregateCommand = (call: Call): Buffer => {
  const from = fieldsOf(call)
  const ns = namespace(call)
  required(from, 'cursor', document(from, 'cursor'))
  const stages = new Map(required(from, 'pipeline', list(from, 'pipeline')).map(stageOf))
  const group = groupOf(stages)
  const pipeline = { name: 'aggregate.pipeline', fields: stages }
  const filter = parseFilter(document(pipeline, '$match') ?? new Map())
  const collection = call.state.collections.get(ns)
  const found = collection === undefined ? 0 : find(collection, filter).length
  const limit = count(pipeline, '$limit') ?? found
  const n = Math.max(0, Math.min(found - (count(pipeline, '$skip') ?? 0), limit))
  const answer = n === 0 ? [] : [encode(docOf({ _id: group, n }))]
  return call.state.cursors.open(ns, answer, 101, false)
}

const stageOf = (stage: Value): [string, Value] => {
  const [first] = stage instanceof Map ? stage : []
  if (first === undefined || (stage as Doc).size !== 1)
    throw new MongoFailure(
      'Location40323',
      'A pipeline stage specification object must contain exactly one field.',
    )
  if (aggregateStages.some(name => name === first[0])) return first
  throw new MongoFailure('Location40324', `Unrecognized pipeline stage name: '${first[0]}'`)
}

// The `_id` of the one group that is counted.
const groupOf = (stages: Doc): Value => {
  const group = stages.get('$group')
  const id = group instanceof Map ? group.get('_id') : undefined
  const wanted = docOf({ _id: id, n: { $sum: 1 } })
  const inOrder = aggregateStages.filter(name => stages.has(name)).join() === [...stages.keys()].join()
  if (typeof id === 'number' && inOrder && equal(group ?? null, wanted)) return id
  throw new MongoFailure(
    'NotImplemented',
    'The embedded server aggregates only to count, as countDocuments does',
  )
}
