import { aggregateCommand } from './aggregate.ts'
import { failed, ok } from './answer.ts'
import { type Call, fieldsOf, refuseUnknown, type State } from './call.ts'
import * as catalogue from './catalogue.ts'
import { failureOf, MongoFailure } from './failure.ts'
import * as reads from './reads.ts'
import type { Doc, Value } from './value.ts'
import * as writes from './writes.ts'

type Command = {
  run(call: Call): Buffer
  /** The fields it takes beside those that every command takes. */
  fields: readonly string[]
  /** Its answer waits until all that was done before it is on disk. */
  durable: boolean
}

const reading = (run: Command['run'], ...fields: string[]): Command => ({ run, fields, durable: false })
const writing = (run: Command['run'], ...fields: string[]): Command => ({ run, fields, durable: true })
const helloFields = [
  'helloOk',
  'client',
  'compression',
  'topologyVersion',
  'maxAwaitTimeMS',
  'speculativeAuthenticate',
  'backpressure',
  'loadBalanced',
  'saslSupportedMechs',
]
const hello = reading(catalogue.helloCommand, ...helloFields)

/** Every command this server knows. */
export const commands = new Map<string, Command>([
  ['hello', hello],
  ['isMaster', hello],
  ['ismaster', hello],
  ['ping', reading(() => ok())],
  ['buildInfo', reading(catalogue.buildInfoCommand)],
  ['endSessions', reading(() => ok())],
  ['insert', writing(writes.insertCommand, 'documents', 'ordered', 'bypassDocumentValidation')],
  ['update', writing(writes.updateCommand, 'updates', 'ordered', 'bypassDocumentValidation')],
  ['delete', writing(writes.deleteCommand, 'deletes', 'ordered')],
  [
    'findAndModify',
    writing(
      writes.findAndModifyCommand,
      'query',
      'update',
      'new',
      'upsert',
      'sort',
      'fields',
      'remove',
      'bypassDocumentValidation',
    ),
  ],
  [
    'find',
    reading(reads.findCommand, 'filter', 'projection', 'sort', 'limit', 'skip', 'batchSize', 'singleBatch'),
  ],
  ['getMore', reading(reads.getMoreCommand, 'collection', 'batchSize')],
  ['killCursors', reading(reads.killCursorsCommand, 'cursors')],
  ['count', reading(reads.countCommand, 'query', 'limit', 'skip')],
  ['aggregate', reading(aggregateCommand, 'pipeline', 'cursor')],
  ['createIndexes', writing(catalogue.createIndexesCommand, 'indexes')],
  ['listIndexes', reading(catalogue.listIndexesCommand, 'cursor')],
  [
    'listCollections',
    reading(catalogue.listCollectionsCommand, 'filter', 'nameOnly', 'authorizedCollections', 'cursor'),
  ],
  ['listDatabases', reading(catalogue.listDatabasesCommand, 'nameOnly')],
  ['drop', writing(catalogue.dropCommand)],
  ['dropDatabase', writing(catalogue.dropDatabaseCommand)],
])

// One process and one disk: every write is journaled before its answer, so any concern up to majority holds.
const everywhere = [
  '$db',
  'lsid',
  '$clusterTime',
  '$readPreference',
  'readConcern',
  'writeConcern',
  'comment',
  'maxTimeMS',
  'apiVersion',
]

/** Runs a command to its answer, which waits for the disk when the command writes or reads by majority. */
export const execute = async (state: State, command: Doc, flushed: () => Promise<void>): Promise<Buffer> => {
  const name = command.keys().next().value ?? ''
  const known = commands.get(name)
  const durable = known?.durable || wantsMajority(command)
  const answer = run(known, { name, db: String(command.get('$db') ?? 'admin'), command, state })
  if (durable) await flushed()
  return answer
}

const run = (known: Command | undefined, call: Call): Buffer => {
  try {
    if (known === undefined) throw new MongoFailure('CommandNotFound', `no such command: '${call.name}'`)
    refuseTransaction(call.command)
    refuseUnknown(fieldsOf(call), [call.name, ...known.fields, ...everywhere])
    return known.run(call)
  } catch (error) {
    return failed(failureOf(error))
  }
}

const refuseTransaction = (command: Doc): void => {
  if (command.has('txnNumber') || command.has('startTransaction'))
    throw new MongoFailure(
      'IllegalOperation',
      'Transaction numbers are only allowed on a replica set member or mongos',
    )
}

const wantsMajority = (command: Doc): boolean => {
  const concern: Value | undefined = command.get('readConcern')
  const level = concern instanceof Map ? concern.get('level') : undefined
  return level === 'majority' || level === 'linearizable'
}
