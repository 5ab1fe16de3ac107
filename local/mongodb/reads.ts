import { ok } from './answer.ts'
import {
  type Call,
  count,
  document,
  fieldsOf,
  flag,
  list,
  namespace,
  required,
  sortOf,
  text,
} from './call.ts'
import { find } from './collection.ts'
import { encode } from './document.ts'
import { MongoFailure } from './failure.ts'
import { parseFilter } from './filter.ts'
import { parseProjection } from './projection.ts'

const unlimited = Number.POSITIVE_INFINITY

export const findCommand = (call: Call): Buffer => {
  const from = fieldsOf(call)
  const ns = namespace(call)
  const filter = parseFilter(document(from, 'filter') ?? new Map())
  const sort = sortOf(from)
  const projection = document(from, 'projection')
  const skip = count(from, 'skip') ?? 0
  const end = skip + (count(from, 'limit') || unlimited)
  const project = projection && projection.size > 0 ? parseProjection(projection) : undefined
  const collection = call.state.collections.get(ns)
  const wanted = collection ? find(collection, filter, { sort, limit: end }).slice(skip) : []
  const answer = wanted.map(({ stored, document }) => (project ? encode(project(document)) : stored.raw))
  return call.state.cursors.open(ns, answer, count(from, 'batchSize') ?? 101, flag(from, 'singleBatch'))
}

export const getMoreCommand = (call: Call): Buffer => {
  const from = fieldsOf(call)
  const id = call.command.get('getMore')
  if (typeof id !== 'bigint')
    throw new MongoFailure(
      'TypeMismatch',
      `BSON field 'getMore.getMore' is the wrong type, expected type 'long'`,
    )
  const ns = namespace(call, required(from, 'collection', text(from, 'collection')))
  return call.state.cursors.more(id, ns, count(from, 'batchSize') || unlimited)
}

export const killCursorsCommand = (call: Call): Buffer => {
  const from = fieldsOf(call)
  const ids = required(from, 'cursors', list(from, 'cursors')).filter(id => typeof id === 'bigint')
  const cursorsKilled = ids.filter(id => call.state.cursors.kill(id))
  const cursorsNotFound = ids.filter(id => !cursorsKilled.includes(id))
  return ok({ cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [] })
}

export const countCommand = (call: Call): Buffer => {
  const from = fieldsOf(call)
  const skip = count(from, 'skip') ?? 0
  const end = skip + (count(from, 'limit') || unlimited)
  const collection = call.state.collections.get(namespace(call))
  const query = document(from, 'query') ?? new Map()
  if (collection === undefined) return ok({ n: 0 })
  const found = query.size === 0 ? collection.documents.size : find(collection, parseFilter(query)).length
  return ok({ n: Math.max(0, Math.min(found, end) - skip) })
}
