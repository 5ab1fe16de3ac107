import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { readJson, writeJson } from '../../system/json-file.ts'

/** Passwords by user name. */
export type Secrets = Readonly<Record<string, string>>

/** The passwords of these users in `secrets.json` of a data folder (mode 0600), made when first asked for. */
export const secretsOf = (folder: string, users: readonly string[]): Secrets => {
  const file = join(folder, 'secrets.json')
  const known = readJson<Secrets>(file) ?? {}
  const missing = users.filter(user => !Object.hasOwn(known, user))
  if (missing.length === 0) return known
  const made = missing.map(user => [user, randomBytes(24).toString('base64url')])
  const secrets = { ...known, ...Object.fromEntries(made) }
  writeJson(file, secrets)
  return secrets
}
