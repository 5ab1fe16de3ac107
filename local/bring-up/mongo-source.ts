import { join } from 'node:path'
import { readJson, writeJson } from '../../system/json-file.ts'
import type { MongoProgram } from '../servers/mongodb.ts'
import { downloadedMongod } from '../servers/mongodb-download.ts'
import type { Context } from '../supervision/context.ts'
import { findProgram } from '../supervision/find-program.ts'
import type { Backend, MongoSource } from './choose-servers.ts'
import { ownMongoDb } from './own-servers.ts'

const fileOf = (folder: string) => join(folder, 'backend.json')

/** Which MongoDB wrote a data folder, as it recorded itself. */
export const recordedBackend = (folder: string): Backend | undefined =>
  readJson<{ mongodb: Backend }>(fileOf(folder))?.mongodb

/** Records it before the first byte is written. */
export const recordBackend = (folder: string, mongodb: Backend): void =>
  writeJson(fileOf(folder), { mongodb })

/** A download that breaks off is not fatal for a folder that no mongod has written yet. */
const download = async ({ folder, say }: Context): Promise<MongoProgram> => {
  say('downloading mongod')
  try {
    return { mongod: await downloadedMongod(folder) }
  } catch (error) {
    if (recordedBackend(folder) !== undefined) throw error
    say('the download of mongod broke off')
    return 'embedded'
  }
}

/** Starts MongoDB as a program of this machine; its URL. */
export const startChosenMongoDb = async (
  context: Context,
  source: Exclude<MongoSource, 'given' | 'docker'>,
): Promise<string> => {
  const onPath = { mongod: findProgram('mongod') ?? 'mongod' }
  const other = source === 'mongod' ? onPath : 'embedded'
  const program = source === 'download' ? await download(context) : other
  recordBackend(context.folder, program === 'embedded' ? 'embedded' : 'mongod')
  if (program === 'embedded')
    context.say(
      'MongoDB is the embedded server, for development and tests only; MONGODB_URL chooses a real one',
    )
  return ownMongoDb(context, program)
}
