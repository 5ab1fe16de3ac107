import { decode, type Span, toJs } from '../bson/document.ts'
import { failureOf, refuse } from '../failure.ts'
import {
  type Call,
  document,
  documents,
  type Fields,
  flag,
  namespace,
  refuseUnknown,
  required,
} from '../protocol/fields.ts'
import { parseFilter } from '../query/filter.ts'
import { find } from '../query/finding.ts'
import { bytesOf, idIn, insert, update, upsert } from '../storage/collection.ts'
import { parseUpdate, upsertBase } from '../update/update.ts'

// Runs the statements in order; after a failed one the others go on only when the client said `ordered:
// false`.
const eachStatement = (call: Call, field: string, run: (statement: Span, index: number) => void): object => {
  const statements = required(call, field, documents(call, field))
  if (statements.length === 0)
    refuse('InvalidLength', 'Write batch sizes must be between 1 and 100000. Got 0 operations.')
  const ordered = flag(call, 'ordered') ?? true
  const writeErrors: object[] = []
  for (const [index, statement] of statements.entries()) {
    try {
      run(statement, index)
    } catch (error) {
      const { code, message, facts } = failureOf(error)
      writeErrors.push({ index, code, ...facts, errmsg: message })
      if (ordered) break
    }
  }
  return writeErrors.length === 0 ? {} : { writeErrors }
}

export const insertCommand = (call: Call): object => {
  const ns = namespace(call)
  let n = 0
  const errors = eachStatement(call, 'documents', statement => {
    insert(call.storage.collection(ns), statement)
    n += 1
  })
  return { n, ...errors }
}

export const updateCommand = (call: Call): object => {
  const ns = namespace(call)
  const total = { n: 0, nModified: 0 }
  const upserted: object[] = []
  const errors = eachStatement(call, 'updates', ({ bytes, at }, index) => {
    const done = updateOne(call, ns, { name: 'update.updates', fields: decode(bytes, at) })
    total.n += done.n
    total.nModified += done.nModified
    if (done.upserted !== undefined) upserted.push({ index, _id: toJs(done.upserted, true) })
  })
  return { ...total, ...(upserted.length === 0 ? {} : { upserted }), ...errors }
}

type Updated = { n: number; nModified: number; upserted?: Span | undefined }

const updateOne = (call: Call, ns: string, from: Fields): Updated => {
  refuseUnknown(from, statementFields)
  const collection = call.storage.collection(ns)
  const query = required(from, 'q', document(from, 'q'))
  const operators = required(from, 'u', from.fields.get('u'))
  if (Array.isArray(operators)) return refuse('FailedToParse', 'The embedded server takes no pipelines')
  const changes = parseUpdate(operators)
  const [found] = find(collection, parseFilter(query), 1)
  if (found !== undefined) return { n: 1, nModified: Number(update(collection, found, changes)) }
  if (!flag(from, 'upsert')) return nothing
  const made = upsert(collection, upsertBase(query), changes)
  return { n: 1, nModified: 0, upserted: idIn(bytesOf(made), 0) }
}
const statementFields = ['q', 'u', 'upsert']
const nothing: Updated = { n: 0, nModified: 0 }
