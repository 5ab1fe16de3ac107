import { Double } from 'bson'
import { type Doc, toJs } from '../bson/document.ts'
import {
  createIndexesCommand,
  dropCommand,
  dropDatabaseCommand,
  helloCommand,
} from '../commands/catalogue.ts'
import { countCommand, findCommand, getMoreCommand, killCursorsCommand } from '../commands/reads.ts'
import { insertCommand, updateCommand } from '../commands/writes.ts'
import { failureOf, refuse } from '../failure.ts'
import type { Storage } from '../storage/storage.ts'
import { answerOf } from './answer.ts'
import { type Call, fieldsOf, refuseUnknown } from './fields.ts'

/**
 * What a command answers, as BSON or as fields beside `ok`, and which fields it takes beside those that all
 * take.
 */
type Command = { run(call: Call): object | Buffer; fields: readonly string[] }

const command = (run: Command['run'], fields = ''): Command => ({ run, fields: words(fields) })
const words = (text: string): string[] => text.split(' ').filter(word => word !== '')

// Waits for nothing, because its answer depends on nothing that is stored.
const atOnce =
  (run: Command['run']): Command['run'] =>
  call => {
    call.waitsFor = 0
    return run(call)
  }

// What a driver reports about itself; nothing of it changes the answer.
const hello = command(atOnce(helloCommand), 'helloOk client compression loadBalanced backpressure')

/** Every command this server knows. */
export const commands = new Map<string, Command>([
  ['hello', hello],
  ['isMaster', hello],
  ['ismaster', hello],
  ['ping', command(atOnce(() => ({})))],
  ['endSessions', command(atOnce(() => ({})))],
  ['insert', command(insertCommand, 'documents ordered')],
  ['update', command(updateCommand, 'updates ordered')],
  ['find', command(findCommand, 'filter sort limit batchSize singleBatch')],
  ['count', command(countCommand, 'query limit')],
  ['getMore', command(getMoreCommand, 'collection batchSize')],
  ['killCursors', command(killCursorsCommand, 'cursors')],
  ['createIndexes', command(createIndexesCommand, 'indexes')],
  ['drop', command(dropCommand)],
  ['dropDatabase', command(dropDatabaseCommand)],
])

// One process and one disk: nobody hears of a write before it is on disk, so any concern up to majority
// holds.
const everywhere = words('$db lsid $readPreference readConcern writeConcern')

/**
 * An answer, with room for its frame, and the position of the journal that has to be on disk before anybody
 * may hear of it.
 */
export type Answered = { answer: Buffer; waitsFor: number }

/** Runs a command. What it did is in memory then; its answer may show it. */
export const execute = (storage: Storage, read: () => Doc): Answered => {
  const call: Call = { name: '', fields: new Map(), db: 'admin', storage, waitsFor: -1 }
  const answer = answerTo(call, read)
  const waitsFor = call.waitsFor < 0 ? storage.journal.position() : call.waitsFor
  return { answer: Buffer.isBuffer(answer) ? answer : answerOf(answer), waitsFor }
}

const answerTo = (call: Call, read: () => Doc): object | Buffer => {
  try {
    call.fields = read()
    const [name = ''] = call.fields.keys()
    const known = commands.get(name) ?? refuse('CommandNotFound', `no such command: '${name}'`)
    call.name = name
    call.db = String(toJs(call.fields.get('$db')) ?? 'admin')
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
  const level = toJs(fieldsOf(call, 'readConcern')?.get('level')) ?? 'local'
  if (level !== 'local' && level !== 'majority')
    refuse('InvalidOptions', `readConcern level ${level} is not supported by the embedded server`)
}
