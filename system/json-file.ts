import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes a file whole or not at all, readable by its owner alone. */
export const writeWhole = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}.new`
  writeFileSync(draft, text, { mode: 0o600 })
  renameSync(draft, file)
}

/** What a JSON file holds, or undefined when there is none. */
export const readJson = <Facts>(file: string): Facts | undefined =>
  existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Facts) : undefined

/** Writes facts as JSON, whole or not at all. */
export const writeJson = (file: string, facts: unknown): void =>
  writeWhole(file, `${JSON.stringify(facts, null, 2)}\n`)

/**
 * The facts in a JSON file, made by `make` and written the first time, so that every later start uses the
 * same.
 */
export const keptJson = async <Facts>(file: string, make: () => Promise<Facts>): Promise<Facts> => {
  const known = readJson<Facts>(file)
  if (known !== undefined) return known
  const facts = await make()
  writeJson(file, facts)
  return facts
}
