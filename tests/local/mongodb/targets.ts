import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Collection, type Db, type Document, MongoClient } from 'mongodb'
import { startEmbeddedMongo } from '../../../local/mongodb/server.ts'
import { systemRandom } from '../../../shared/runtime/random.ts'
import { silentLog } from '../../../shared/runtime/telemetry/log.ts'

/** Documents here are keyed by whatever a case likes. */
export interface Any extends Document {
  _id?: Id
}
type Id = string | number | bigint | boolean | object | null
export type Coll = Collection<Any>

/** A folder that is gone after the tests of the enclosing suite. */
export const temporaryFolder = (): (() => string) => {
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'choreo-mongodb-'))
  })
  after(() => rmSync(folder, { recursive: true, force: true }))
  return () => folder
}

const on = (
  embedded: boolean,
  start: () => Promise<{ url: string; stop(): Promise<void> }>,
  body: Body,
): void => {
  describe(embedded ? 'on the embedded server' : 'on the server of MONGODB_URL', () => {
    const state: { db?: Db; end?: () => Promise<void> } = {}
    before(async () => {
      const { url, stop } = await start()
      const client = await new MongoClient(url, { maxPoolSize: 20 }).connect()
      const db = client.db(`contract-${systemRandom.id()}`)
      state.db = db
      state.end = async () => {
        await db.dropDatabase()
        await client.close()
        await stop()
      }
    })
    after(() => state.end?.())
    const db = () => {
      if (state.db === undefined) throw new Error('the server is not up yet')
      return state.db
    }
    body({ embedded, db, fresh: () => db().collection<Any>(`c-${systemRandom.id()}`) })
  })
}

/** The server under test. */
export type Target = {
  /** False for the server of `MONGODB_URL`, which knows more. */
  embedded: boolean
  /** A database of this suite, dropped after it. */
  db(): Db
  /** A collection that nobody used before. */
  fresh(): Coll
}
type Body = (target: Target) => void

/**
 * Runs a contract suite on the embedded server, and on the server of `MONGODB_URL` when there is one: both
 * have to pass.
 */
export const contract = (body: Body): void => {
  const startEmbedded = async () => {
    const folder = mkdtempSync(join(tmpdir(), 'choreo-mongodb-'))
    const server = await startEmbeddedMongo({ folder, port: 0, log: silentLog })
    const stop = async () => {
      await server.stop()
      rmSync(folder, { recursive: true })
    }
    return { url: `mongodb://127.0.0.1:${server.port}`, stop }
  }
  on(true, startEmbedded, body)
  const url = process.env.MONGODB_URL
  if (url) on(false, async () => ({ url, stop: async () => {} }), body)
}

/** What a refused operation says; an error when it is not refused. */
export const refusalOf = async (operation: Promise<unknown>): Promise<Any> => {
  try {
    await operation
  } catch (error) {
    return error as Any
  }
  throw new Error('the operation was not refused')
}

/** Expects the operation to be refused with this code and, where given, a message that holds this text. */
export const expectRefusal = async (operation: Promise<unknown>, code: number, text = ''): Promise<void> => {
  const error = await refusalOf(operation)
  expect(error.code, String(error)).to.equal(code)
  expect(String(error.message)).to.include(text)
}
