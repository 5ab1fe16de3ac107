import { docOf, ok } from './answer.ts'
import {
  type Call,
  document,
  documents,
  type Fields,
  fieldsOf,
  flag,
  namespace,
  required,
  text,
} from './call.ts'
import { buildIndex, type Collection } from './collection.ts'
import { encode } from './document.ts'
import { MongoFailure } from './failure.ts'
import { parseFilter } from './filter.ts'
import { parseProjection } from './projection.ts'
import { type Doc, equal, isNumeric, numberOf, show, type Value } from './value.ts'

const version = '7.0.0'

export const helloCommand = (call: Call): Buffer =>
  ok({
    helloOk: true,
    [call.name === 'hello' ? 'isWritablePrimary' : 'ismaster']: true,
    maxBsonObjectSize: 16 * 1024 * 1024,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    minWireVersion: 0,
    maxWireVersion: 21,
    readOnly: false,
  })

export const buildInfoCommand = (): Buffer =>
  ok({
    version,
    versionArray: [7, 0, 0, 0],
    gitVersion: 'choreo-embedded',
    maxBsonObjectSize: 16 * 1024 * 1024,
  })

const idSpec: Doc = new Map<string, Value>([
  ['v', 2],
  ['key', new Map([['_id', 1]])],
  ['name', '_id_'],
])

const specsOf = (collection: Collection): Doc[] => [idSpec, ...collection.indexes.map(({ spec }) => spec)]

export const createIndexesCommand = (call: Call): Buffer => {
  const wanted = documents(fieldsOf(call), 'indexes').map(readSpec)
  const ns = namespace(call)
  const createdCollectionAutomatically = !call.state.collections.has(ns)
  const collection = call.state.collection(ns)
  const numIndexesBefore = specsOf(collection).length
  // All or none: nothing is kept before the last one is built.
  const built = wanted.filter(spec => !isThere(collection, spec)).map(spec => buildIndex(collection, spec))
  for (const keep of built) keep()
  const numIndexesAfter = specsOf(collection).length
  const note = numIndexesAfter === numIndexesBefore ? { note: 'all indexes already exist' } : {}
  return ok({ numIndexesBefore, numIndexesAfter, createdCollectionAutomatically, ...note })
}

/** What an index specification may say. */
export const indexOptions = ['v', 'key', 'name', 'unique', 'sparse', 'partialFilterExpression', 'background']

const readSpec = (spec: Doc): Doc => {
  const from: Fields = { name: 'createIndexes.indexes', fields: spec }
  for (const field of spec.keys())
    if (!indexOptions.includes(field))
      throw new MongoFailure(
        'InvalidIndexSpecificationOption',
        `The field '${field}' is not valid for an index specification. Specification: ${show(spec)}`,
      )
  const key = required(from, 'key', document(from, 'key'))
  const name = required(from, 'name', text(from, 'name'))
  refuseKey(key)
  const partial = document(from, 'partialFilterExpression')
  if (partial !== undefined) refusePartial(partial)
  const entries: [string, Value][] = [
    ['v', 2],
    ['key', key],
    ['name', name],
  ]
  if (flag(from, 'unique')) entries.push(['unique', true])
  if (flag(from, 'sparse')) entries.push(['sparse', true])
  if (partial !== undefined) entries.push(['partialFilterExpression', partial])
  return new Map(entries)
}

const refuseKey = (key: Doc): void => {
  if (key.size === 0) throw new MongoFailure('CannotCreateIndex', 'Index keys cannot be empty.')
  for (const [path, direction] of key) {
    if (!isNumeric(direction) || Math.abs(Number(numberOf(direction))) !== 1)
      throw new MongoFailure(
        'CannotCreateIndex',
        `Values in the index key pattern of the embedded server are 1 or -1, not ${show(direction)}`,
      )
    if (path.includes('$'))
      throw new MongoFailure(
        'CannotCreateIndex',
        `Index key contains an illegal field name: field name starts with '$'.`,
      )
  }
}

const partialOperators = ['$eq', '$gt', '$gte', '$lt', '$lte', '$exists']

// Every condition has to be one of the conjunction, because the choice of an index rests on that.
const refusePartial = (partial: Doc): void => {
  if (partial.has('$or')) throw unsupported('$or')
  for (const { op, operand } of parseFilter(partial).clauses)
    if (!partialOperators.includes(op) || (op === '$exists' && operand !== true)) throw unsupported(op)
}

const unsupported = (op: string) =>
  new MongoFailure('CannotCreateIndex', `Expression not supported in partial index: ${op}`)

const isThere = (collection: Collection, spec: Doc): boolean => {
  for (const known of specsOf(collection)) {
    if (equal(known, spec)) return true
    const sameKey = equal(known.get('key') ?? null, spec.get('key') ?? null)
    if (sameKey && known === idSpec) return true
    if (known.get('name') === spec.get('name'))
      throw new MongoFailure(
        'IndexKeySpecsConflict',
        `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. Requested index: ${show(spec)}, existing index: ${show(known)}`,
      )
    if (sameKey)
      throw new MongoFailure(
        'IndexOptionsConflict',
        `Index already exists with a different name: ${String(known.get('name'))}`,
      )
  }
  return false
}

export const listIndexesCommand = (call: Call): Buffer => {
  const ns = namespace(call)
  const collection = call.state.collections.get(ns)
  if (collection === undefined) throw new MongoFailure('NamespaceNotFound', `ns does not exist: ${ns}`)
  return call.state.cursors.open(ns, specsOf(collection).map(encode), 101, false)
}

const named = (name: string): Doc =>
  new Map<string, Value>([
    ['name', name],
    ['type', 'collection'],
    ['options', new Map()],
    ['info', new Map([['readOnly', false]])],
    ['idIndex', idSpec],
  ])

const collectionsOf = (call: Call, db: string): string[] =>
  [...call.state.collections.keys()].filter(ns => ns.startsWith(`${db}.`))

export const listCollectionsCommand = (call: Call): Buffer => {
  const { matches } = parseFilter(document(fieldsOf(call), 'filter') ?? new Map())
  const all = collectionsOf(call, call.db).map(ns => named(ns.slice(call.db.length + 1)))
  const project = flag(fieldsOf(call), 'nameOnly') ? parseProjection(docOf({ name: 1, type: 1 })) : same
  const listed = all.filter(matches).map(found => encode(project(found)))
  return call.state.cursors.open(`${call.db}.$cmd.listCollections`, listed, 101, false)
}

const same = (found: Doc): Doc => found

export const dropCommand = (call: Call): Buffer => {
  const ns = namespace(call)
  const collection = call.state.collections.get(ns)
  if (collection === undefined || !call.state.drop(ns)) return ok()
  return ok({ nIndexesWas: specsOf(collection).length, ns })
}

export const dropDatabaseCommand = (call: Call): Buffer => {
  for (const ns of collectionsOf(call, call.db)) call.state.drop(ns)
  return ok({ dropped: call.db })
}

export const listDatabasesCommand = (call: Call): Buffer => {
  const names = new Set([...call.state.collections.keys()].map(ns => ns.slice(0, ns.indexOf('.'))))
  const size = flag(fieldsOf(call), 'nameOnly') ? {} : { sizeOnDisk: 0n, empty: false }
  return ok({ databases: [...names].sort().map(name => ({ name, ...size })) })
}
