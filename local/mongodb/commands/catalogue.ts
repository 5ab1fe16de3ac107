import { type Doc, decode, type Span, toJs } from '../bson/document.ts'
import { refuse } from '../failure.ts'
import {
  type Call,
  document,
  documents,
  fieldsOf,
  flag,
  namespace,
  required,
  text,
} from '../protocol/fields.ts'
import { parseFilter, topField } from '../query/filter.ts'
import { buildIndex, type Collection } from '../storage/collection.ts'

export const helloCommand = ({ name }: Call): object => ({
  helloOk: true,
  [name === 'hello' ? 'isWritablePrimary' : 'ismaster']: true,
  maxBsonObjectSize: 16 * 1024 * 1024,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  localTime: new Date(),
  minWireVersion: 0,
  maxWireVersion: 21,
  readOnly: false,
})

export const createIndexesCommand = (call: Call): object => {
  const wanted = required(call, 'indexes', documents(call, 'indexes'))
  for (const spec of wanted) refuseSpec(decode(spec.bytes, spec.at))
  const ns = namespace(call)
  const createdCollectionAutomatically = !call.storage.collections.has(ns)
  const collection = call.storage.collection(ns)
  const numIndexesBefore = collection.indexes.length
  // All or none: nothing is kept before the last one is built.
  const built = wanted
    .filter(spec => !isThere(collection, decode(spec.bytes, spec.at)))
    .map(spec => buildIndex(collection, copyOf(spec)))
  for (const keep of built) keep()
  const note = built.length === 0 ? { note: 'all indexes already exist' } : {}
  return {
    numIndexesBefore,
    numIndexesAfter: collection.indexes.length,
    createdCollectionAutomatically,
    ...note,
  }
}

const copyOf = ({ bytes, at, end }: Span): Buffer => Buffer.from(bytes.subarray(at, end))

/** What an index specification may say. */
export const indexOptions = ['key', 'name', 'unique', 'sparse', 'partialFilterExpression']

const refuseSpec = (fields: Doc): void => {
  const from = { name: 'createIndexes.indexes', fields }
  for (const field of fields.keys())
    if (!indexOptions.includes(field))
      refuse(
        'InvalidIndexSpecificationOption',
        `The field '${field}' is not valid for an index specification`,
      )
  const key = required(from, 'key', fieldsOf(from, 'key'))
  if (key.size === 0) refuse('CannotCreateIndex', 'Index keys cannot be empty.')
  for (const [field, direction] of key) {
    if (toJs(direction) !== 1)
      refuse('CannotCreateIndex', `The embedded server has indexes of 1 only, also of ${field}`)
    topField(field)
  }
  required(from, 'name', text(from, 'name'))
  flag(from, 'unique')
  flag(from, 'sparse')
  parseFilter(document(from, 'partialFilterExpression'))
}

const told = (spec: Doc, fields = indexOptions): string =>
  JSON.stringify(fields.map(field => toJs(spec.get(field))))

const isThere = ({ indexes }: Collection, wanted: Doc): boolean =>
  indexes.some(({ spec, name }) => {
    if (told(spec) === told(wanted)) return true
    if (told(spec, ['name']) === told(wanted, ['name']))
      refuse('IndexKeySpecsConflict', `An existing index has the same name as the requested index: ${name}`)
    if (told(spec, ['key']) === told(wanted, ['key']))
      refuse('IndexOptionsConflict', `Index already exists with a different name: ${name}`)
    return false
  })

/** A collection that is not there is as good as dropped, as in MongoDB since 7.0. */
export const dropCommand = (call: Call): object => {
  const ns = namespace(call)
  const there = call.storage.collections.get(ns)
  if (!there) return {}
  const nIndexesWas = there.indexes.length
  call.storage.drop(ns)
  return { nIndexesWas, ns }
}

export const dropDatabaseCommand = ({ db, storage }: Call): object => {
  for (const ns of [...storage.collections.keys()]) if (ns.startsWith(`${db}.`)) storage.drop(ns)
  return { dropped: db }
}
