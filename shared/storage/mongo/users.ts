import type { Db, Document } from 'mongodb'
import type { Log } from '../../runtime/telemetry/log.ts'
import { connectMongo } from './connection.ts'
import { reached } from './errors.ts'

/** What may be read of a database, and nothing else of the server. */
type ReadableCollection = { readonly db: string; readonly collection: string }

/** A user of MongoDB: it has one database for itself, or reads single collections. */
export type StoreUser = { readonly name: string; readonly password: string } & (
  | { readonly database: string }
  | { readonly reads: readonly ReadableCollection[] }
)

/**
 * Makes these users in the database `admin` of the server at `url`, which names an administrator. Of a user
 * that is there already password and rights become the given ones, so it can be repeated at any time.
 * @throws SagaError `config-invalid`, `store-unavailable`
 */
export const makeStoreUsers = async (url: string, users: readonly StoreUser[], log: Log): Promise<void> => {
  const mongo = connectMongo({ url, log })
  try {
    for (const user of users) await makeUser(mongo.db('admin'), user)
  } finally {
    await mongo.close()
  }
}

const makeUser = async (admin: Db, user: StoreUser): Promise<void> => {
  const { name, password } = user
  const roles =
    'database' in user
      ? [{ role: 'readWrite', db: user.database }]
      : [await makeReader(admin, name, user.reads)]
  const isThere = hasSome(await reached(admin.command({ usersInfo: name })), 'users')
  const command = isThere ? { updateUser: name } : { createUser: name }
  await reached(admin.command({ ...command, pwd: password, roles }))
}

/** A role of its own: the ones that are built in read whole databases. */
const makeReader = async (
  admin: Db,
  role: string,
  reads: readonly ReadableCollection[],
): Promise<{ role: string; db: string }> => {
  const privileges = reads.map(resource => ({ resource, actions: ['find'] }))
  const isThere = hasSome(await reached(admin.command({ rolesInfo: role })), 'roles')
  const command = isThere ? { updateRole: role } : { createRole: role }
  await reached(admin.command({ ...command, privileges, roles: [] }))
  return { role, db: 'admin' }
}

const hasSome = (answer: Document, list: string): boolean =>
  Array.isArray(answer[list]) && answer[list].length > 0
