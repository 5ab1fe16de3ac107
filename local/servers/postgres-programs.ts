import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Debian keeps the programs of each version in a folder of its own, and none of them on PATH. */
const versions = '/usr/lib/postgresql'

/**
 * The folder with `initdb` and `postgres` of the newest version on this machine, or undefined when there is
 * none.
 */
export const postgresPrograms = (): string | undefined => {
  if (!existsSync(versions)) return undefined
  const newestFirst = readdirSync(versions).toSorted((a, b) => Number(b) - Number(a))
  return newestFirst
    .map(version => join(versions, version, 'bin'))
    .find(folder => existsSync(join(folder, 'postgres')))
}
