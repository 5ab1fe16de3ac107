import type { StoreUser } from '../shared/storage/mongo/users.ts'
import { shop } from './contract/shop.ts'
import { reactingNames, serviceNames } from './registry.ts'

/** The users of MongoDB: one per service, and `operator` for the command line. */
export const storeUserNames: readonly string[] = [...serviceNames, 'operator']

/**
 * The users of MongoDB with what each may do, by these passwords. A service has its own database; the
 * operator reads the documents of orders, from which dead letters and waiting orders are explained. A user is
 * called as the database of the service is. Pure.
 */
export const storeUsers = (passwordOf: (name: string) => string): readonly StoreUser[] => {
  const { databaseOf, collection } = shop.names
  const user = (name: string) => ({ name: databaseOf(name), password: passwordOf(name) })
  const reads = reactingNames.map(name => ({ db: databaseOf(name), collection }))
  return [
    ...serviceNames.map(name => ({ ...user(name), database: databaseOf(name) })),
    { ...user('operator'), reads },
  ]
}
