import { ok } from './answer.ts'
import { type Call, document, type Fields, fieldsOf, flag, namespace, required, sortOf } from './call.ts'
import { type Collection, type Found, find, remove, replace } from './collection.ts'
import { decode } from './document.ts'
import { MongoFailure } from './failure.ts'
import { parseFilter } from './filter.ts'
import { parseProjection } from './projection.ts'
import { parseUpdate } from './update.ts'
import { type Doc, keyOf, type Value } from './value.ts'
import { upsert } from './writes.ts'

/** Changes or removes the first document that matches, and answers with it as it was or has become. */
export const findAndModifyCommand = (call: Call): Buffer => {
  const from = fieldsOf(call)
  const query = document(from, 'query') ?? new Map()
  const project = parseProjection(document(from, 'fields') ?? new Map())
  const change = flag(from, 'remove') ? removal(from) : modification(from, query)
  const collection = call.state.collection(namespace(call))
  const [found] = find(collection, parseFilter(query), { sort: sortOf(from), limit: 1 })
  const { value, ...lastErrorObject } = change(collection, found)
  return ok({ lastErrorObject, value: value === undefined ? null : project(value) })
}

type Done = { n: number; updatedExisting?: boolean; upserted?: Value; value?: Doc }
type Modify = (collection: Collection, found: Found | undefined) => Done

const removal = (from: Fields): Modify => {
  const other = ['update', 'new', 'upsert'].find(field =>
    field === 'update' ? from.fields.has(field) : flag(from, field),
  )
  if (other !== undefined)
    throw new MongoFailure('FailedToParse', `Cannot specify both ${other} and remove=true`)
  return (collection, found) => {
    if (found === undefined) return { n: 0 }
    remove(collection, found.stored)
    return { n: 1, value: found.document }
  }
}

const modification = (from: Fields, query: Doc): Modify => {
  const update = parseUpdate(required(from, 'update', from.fields.get('update')))
  const wantsNew = flag(from, 'new')
  return (collection, found) => {
    if (found !== undefined) {
      const before = decode(found.stored.raw)
      replace(collection, found.stored, update.apply(found.document, false))
      return { n: 1, updatedExisting: true, value: wantsNew ? decode(found.stored.raw) : before }
    }
    if (!flag(from, 'upsert')) return { n: 0, updatedExisting: false }
    const upserted = upsert(collection, query, update)
    const stored = wantsNew ? collection.documents.get(keyOf(upserted)) : undefined
    return { n: 1, updatedExisting: false, upserted, ...(stored ? { value: decode(stored.raw) } : {}) }
  }
}
