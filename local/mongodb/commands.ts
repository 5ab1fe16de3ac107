import { Double, serialize } from 'bson'
import { createIndexesCommand, dropCommand, dropDatabaseCommand, helloCommand } from './catalogue.ts'
import { type Doc, toJs } from './document.ts'
import { failureOf, refuse } from './failure.ts'
import { type Call, document, refuseUnknown } from './fields.ts'
import { findCommand, getMoreCommand, killCursorsCommand } from './reads.ts'
import type { Storage } from './storage.ts'
import { insertCommand, updateCommand } from './writes.ts'

/** What a command answers, as BSON or as fields beside `ok`, and which fields it takes beside those that all take. */
type Command = { run(call: Call): object | Buffer; fields: readonly string[] }

const command = (run: Command['run'], fields = ''): Command => ({ run, fields: words(fields) })
const words = (text: string): string[] => text.split(' ').filter(word => word !== '')

// What a driver tells of itself; nothing of it changes the answer.
const hello = command(helloCommand, 'helloOk client compression loadBalanced backpressure')

/** Every command this server knows. */
export const commands = new Map<string, Command>([
  ['hello', hello],
  ['isMaster', hello],
  ['ismaster', hello],
  ['ping', command(() => ({}))],
  ['endSessions', command(() => ({}))],
  ['insert', command(insertCommand, 'documents ordered')],
  ['update', command(updateCommand, 'updates ordered')],
  ['find', command(findCommand, 'filter sort limit batchSize singleBatch')],
  ['getMore', command(getMoreCommand, 'collection batchSize')],
  ['killCursors', command(killCursorsCommand, 'cursors')],
  ['createIndexes', command(createIndexesCommand, 'indexes')],
  ['drop', command(dropCommand)],
  ['dropDatabase', command(dropDatabaseCommand)],
])

// One process and one disk: nobody hears of a write before it is on disk, so any concern up to majority holds.
const everywhere = words('$db lsid $readPreference readConcern writeConcern')

/**
 * Runs a command to its answer, which waits until all that was done before it is on disk.
 * It rejects when the disk does: what memory holds is not stored then, so nobody may hear of it.
 */
export const execute = async (storage: Storage, read: () => Doc): Promise<Buffer> => {
  const answer = answerTo(storage, read)
  await storage.flushed()
  return Buffer.isBuffer(answer) ? answer : Buffer.from(serialize(answer))
}

const answerTo = (storage: Storage, read: () => Doc): object | Buffer => {
  try {
    const fields = read()
    const [name = ''] = fields.keys()
    const known = commands.get(name) ?? refuse('CommandNotFound', `no such command: '${name}'`)
    const call: Call = { name, fields, db: String(toJs(fields.get('$db')) ?? 'admin'), storage }
    refuseUnknown(call, [name, ...known.fields, ...everywhere])
    refuseConcern(call)
    const answer = known.run(call)
    return Buffer.isBuffer(answer) ? answer : { ...answer, ok: new Double(1) }
  } catch (error) {
    const { message: errmsg, code, codeName, facts } = failureOf(error)
    return { ok: new Double(0), errmsg, code, codeName, ...facts }
  }
}

const refuseConcern = (call: Call): void => {
  const level = toJs(document(call, 'readConcern')?.get('level')) ?? 'local'
  if (level !== 'local' && level !== 'majority')
    refuse('InvalidOptions', `readConcern level ${level} is not supported by the embedded server`)
}
