import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Writes a file whole or not at all, readable by its owner alone. */
export const writeWhole = (file: string, text: string): void => {
  mkdirSync(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}.new`
  writeFileSync(draft, text, { mode: 0o600 })
  renameSync(draft, file)
}

/** The facts in a JSON file, made by `make` and written the first time, so that every later start uses the same. */
export const remembered = async <Facts>(file: string, make: () => Promise<Facts>): Promise<Facts> => {
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Facts
  const facts = await make()
  writeWhole(file, `${JSON.stringify(facts, null, 2)}\n`)
  return facts
}
