import { docOf, ok } from './answer.ts'
import {
  type Call,
  count,
  document,
  documents,
  type Fields,
  fieldsOf,
  flag,
  namespace,
  refuseUnknown,
  required,
} from './call.ts'
import { type Collection, find, insert, remove, replace } from './collection.ts'
import { failureOf, MongoFailure } from './failure.ts'
import { parseFilter } from './filter.ts'
import { parseUpdate, type Update, upsertBase } from './update.ts'
import type { Doc, Value } from './value.ts'

// Runs the statements in order; after a failed one the others go on only when the client said `ordered: false`.
const eachStatement = (call: Call, field: string, run: (statement: Doc, index: number) => void): Doc[] => {
  const from = fieldsOf(call)
  const ordered = !call.command.has('ordered') || flag(from, 'ordered')
  const errors: Doc[] = []
  const statements = documents(from, field)
  if (statements.length === 0)
    throw new MongoFailure(
      'InvalidLength',
      'Write batch sizes must be between 1 and 100000. Got 0 operations.',
    )
  for (const [index, statement] of statements.entries()) {
    try {
      run(statement, index)
    } catch (error) {
      errors.push(writeError(index, error))
      if (ordered) break
    }
  }
  return errors
}

const writeError = (index: number, error: unknown): Doc => {
  const { code, message, facts } = failureOf(error)
  return docOf({ index, code, ...facts, errmsg: message })
}

const withErrors = (errors: Doc[]) => (errors.length === 0 ? {} : { writeErrors: errors })

export const insertCommand = (call: Call): Buffer => {
  const collection = call.state.collection(namespace(call))
  let n = 0
  const errors = eachStatement(call, 'documents', statement => {
    insert(collection, statement)
    n += 1
  })
  return ok({ n, ...withErrors(errors) })
}

export const deleteCommand = (call: Call): Buffer => {
  const collection = call.state.collections.get(namespace(call))
  let n = 0
  const errors = eachStatement(call, 'deletes', statement => {
    const from = { name: 'delete.deletes', fields: statement }
    refuseUnknown(from, ['q', 'limit'])
    const filter = parseFilter(required(from, 'q', document(from, 'q')))
    const limit = required(from, 'limit', count(from, 'limit'))
    if (limit > 1)
      throw new MongoFailure(
        'FailedToParse',
        `The limit field in delete objects must be 0 or 1. Got ${limit}`,
      )
    if (collection === undefined) return
    for (const { stored } of find(collection, filter, limit === 1 ? { limit } : {})) {
      remove(collection, stored)
      n += 1
    }
  })
  return ok({ n, ...withErrors(errors) })
}

export const updateCommand = (call: Call): Buffer => {
  const collection = call.state.collection(namespace(call))
  const total = { n: 0, nModified: 0 }
  const upserted: { index: number; _id: Value }[] = []
  const errors = eachStatement(call, 'updates', (statement, index) => {
    const done = updateStatement(collection, { name: 'update.updates', fields: statement })
    total.n += done.n
    total.nModified += done.nModified
    if (done.upserted !== undefined) upserted.push({ index, _id: done.upserted })
  })
  return ok({ ...total, ...(upserted.length === 0 ? {} : { upserted }), ...withErrors(errors) })
}

type Updated = { n: number; nModified: number; upserted?: Value }

const updateStatement = (collection: Collection, from: Fields): Updated => {
  refuseUnknown(from, ['q', 'u', 'multi', 'upsert'])
  const query = required(from, 'q', document(from, 'q'))
  const update = parseUpdate(required(from, 'u', from.fields.get('u')))
  const multi = flag(from, 'multi')
  if (multi && update.replaces)
    throw new MongoFailure('FailedToParse', 'multi update is not supported for replacement-style update')
  const found = find(collection, parseFilter(query), multi ? {} : { limit: 1 })
  if (found.length === 0 && flag(from, 'upsert'))
    return { n: 1, nModified: 0, upserted: upsert(collection, query, update) }
  let nModified = 0
  for (const { stored, document } of found)
    if (replace(collection, stored, update.apply(document, false)) === 'changed') nModified += 1
  return { n: found.length, nModified }
}

/** Inserts the document that filter and update make together; returns its `_id`. */
export const upsert = (collection: Collection, query: Doc, update: Update): Value =>
  insert(collection, update.apply(upsertBase(query, update), true))
