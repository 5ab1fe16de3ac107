import { aggregateCommand } from './aggregate.ts'
import { failed, ok } from './answer.ts'
import { type Call, fieldsOf, refuseUnknown, type State } from './call.ts'
import * as catalogue from './catalogue.ts'
import { failureOf, MongoFailure } from './failure.ts'
import { findAndModifyCommand } from './find-and-modify.ts'
import * as reads from './reads.ts'
import { type Doc, show, type Value } from './value.ts'
import * as writes from './writes.ts'

type Command = {
  run(call: Call): Buffer
  /** The fields it takes beside those that every command takes. */
  fields: readonly string[]
  /** Its answer waits until all that was done before it is on disk. */
  durable: boolean
}

const reading = (run: Command['run'], fields = ''): Command => ({
  run,
  fields: words(fields),
  durable: false,
})
const writing = (run: Command['run'], fields = ''): Command => ({ run, fields: words(fields), durable: true })
const words = (text: string): string[] => text.split(' ').filter(word => word !== '')

// What a driver tells of itself; nothing of it changes the answer.
const hello = reading(
  catalogue.helloCommand,
  'helloOk client compression loadBalanced backpressure saslSupportedMechs topologyVersion maxAwaitTimeMS',
)

/** Every command this server knows. */
export const commands = new Map<string, Command>([
  ['hello', hello],
  ['isMaster', hello],
  ['ismaster', hello],
  ['ping', reading(() => ok())],
  ['buildInfo', reading(catalogue.buildInfoCommand)],
  ['endSessions', reading(() => ok())],
  ['insert', writing(writes.insertCommand, 'documents ordered')],
  ['update', writing(writes.updateCommand, 'updates ordered')],
  ['delete', writing(writes.deleteCommand, 'deletes ordered')],
  ['findAndModify', writing(findAndModifyCommand, 'query update remove new upsert sort fields')],
  ['find', reading(reads.findCommand, 'filter projection sort limit skip batchSize singleBatch')],
  ['getMore', reading(reads.getMoreCommand, 'collection batchSize')],
  ['killCursors', reading(reads.killCursorsCommand, 'cursors')],
  ['count', reading(reads.countCommand, 'query limit skip')],
  ['aggregate', reading(aggregateCommand, 'pipeline cursor')],
  ['createIndexes', writing(catalogue.createIndexesCommand, 'indexes')],
  ['listIndexes', reading(catalogue.listIndexesCommand, 'cursor')],
  [
    'listCollections',
    reading(catalogue.listCollectionsCommand, 'filter nameOnly authorizedCollections cursor'),
  ],
  ['listDatabases', reading(catalogue.listDatabasesCommand, 'nameOnly')],
  ['drop', writing(catalogue.dropCommand)],
  ['dropDatabase', writing(catalogue.dropDatabaseCommand)],
])

// One process and one disk: every write is journaled before its answer, so any concern up to majority holds.
const everywhere = words('$db lsid $clusterTime $readPreference readConcern writeConcern comment maxTimeMS')

/**
 * Runs a command to its answer, which waits for the disk when the command writes or reads by majority.
 * It rejects when the disk does: what memory holds is not stored then, so nobody may hear of it.
 */
export const execute = async (
  state: State,
  read: () => Doc,
  flushed: () => Promise<void>,
): Promise<Buffer> => {
  const { answer, durable } = answerTo(state, read)
  if (durable) await flushed()
  return answer
}

const answerTo = (state: State, read: () => Doc): { answer: Buffer; durable: boolean } => {
  let durable = false
  try {
    const command = read()
    const name = command.keys().next().value ?? ''
    const known = commands.get(name)
    if (known === undefined) throw new MongoFailure('CommandNotFound', `no such command: '${name}'`)
    refuseTransaction(command)
    const call: Call = { name, db: String(command.get('$db') ?? 'admin'), command, state }
    refuseUnknown(fieldsOf(call), [name, ...known.fields, ...everywhere])
    const majority = ['majority', 'linearizable'].includes(readConcernOf(command))
    durable = known.durable || majority
    return { answer: known.run(call), durable }
  } catch (error) {
    return { answer: failed(failureOf(error)), durable }
  }
}

const refuseTransaction = (command: Doc): void => {
  if (command.has('txnNumber') || command.has('startTransaction'))
    throw new MongoFailure(
      'IllegalOperation',
      'Transaction numbers are only allowed on a replica set member or mongos',
    )
}

const concerns = ['local', 'available', 'majority', 'linearizable']

const readConcernOf = (command: Doc): string => {
  const concern: Value | undefined = command.get('readConcern')
  const level = concern instanceof Map ? (concern.get('level') ?? 'local') : 'local'
  if (typeof level === 'string' && concerns.includes(level)) return level
  throw new MongoFailure(
    'InvalidOptions',
    `readConcern level ${show(level)} is not supported by the embedded server`,
  )
}
